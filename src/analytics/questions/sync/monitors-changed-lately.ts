import type { Question } from '../question.ts';

export const monitorsChangedLately: Question = {
  name: 'monitors-changed-lately',
  title: 'Which settings of which monitors were changed?',
  about: '`changed_at` is when it changed at Exa, as far as Exa tells; `seen_at` when the sync saw it.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to now.' },
  },
  sql: `
    select health.monitor_name, changes.changed_at, changes.seen_at, changes.field, changes.value_before, changes.value_after,
      changes.monitor_id
    from monitor_changes changes
    join monitor_health health on health.monitor_id = changes.monitor_id
    where changes.changed_at > now() - make_interval(days => :days)
    order by changes.changed_at desc, changes.monitor_id, changes.field`,
};
