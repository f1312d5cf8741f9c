import type { Question } from '../question.ts';

export const isEverythingSynced: Question = {
  name: 'is-everything-synced',
  title: 'Can I trust the numbers: is everything synced?',
  about: 'The row for `all` first. While `is_stale` is true, "no failures" may mean "not read".',
  parameters: {},
  sql: `
    select scope, monitor_id, monitor_name, is_stale, covered_through, rejected_runs, consecutive_failures, last_error
    from sync_freshness
    where scope = 'all' or is_stale or rejected_runs > 0
    order by scope, covered_through nulls first, monitor_id`,
};
