import type { Question } from '../question.ts';

export const changedBeforeItFailed: Question = {
  name: 'changed-before-it-failed',
  title: 'What was changed before it began to fail?',
  about:
    'Streaks of failures that began within so many hours after a change of the monitor, with each field that changed.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to now in which the streaks began.' },
    hours: { type: 'integer', default: 48, about: 'Hours between change and first failure at most.' },
  },
  sql: `
    select incidents.monitor_name, incidents.began_at, changes.changed_at, changes.field, changes.value_before,
      changes.value_after, incidents.failed_runs, incidents.is_going_on
    from failure_incidents incidents
    join monitor_changes changes
      on changes.monitor_id = incidents.monitor_id and changes.changed_at = incidents.last_change_at
    where incidents.began_at > now() - make_interval(days => :days)
      and incidents.last_change_at > incidents.began_at - make_interval(hours => :hours)
    order by incidents.began_at desc, incidents.monitor_id, changes.field, changes.seen_at`,
};
