import type { Question } from '../question.ts';

export const changedLately: Question = {
  name: 'changed-lately',
  title: 'What has changed lately?',
  about:
    'Runs that are new here or whose content changed; `changed_at` does not move for anything else. Reads what was written to the same parts of the disk.',
  parameters: {
    hours: { type: 'integer', default: 24, about: 'Hours up to now.' },
  },
  sql: `
    select
      monitor_id,
      count(*) filter (where first_synced_at > now() - make_interval(hours => :hours)) as new_runs,
      count(*) filter (where first_synced_at <= now() - make_interval(hours => :hours)) as changed_runs,
      count(*) filter (where is_failed) as failed
    from monitor_run_facts
    where changed_at > now() - make_interval(hours => :hours)
    group by monitor_id
    order by monitor_id`,
};
