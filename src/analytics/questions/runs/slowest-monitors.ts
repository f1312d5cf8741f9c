import type { Question } from '../question.ts';

export const slowestMonitors: Question = {
  name: 'slowest-monitors',
  title: 'Which monitors are the slowest?',
  about: 'By the median of the runs that ended.',
  parameters: {
    days: { type: 'integer', default: 7, about: 'Days up to today.' },
    limit: { type: 'integer', default: 10, about: 'Rows at most.' },
  },
  sql: `
    with durations as (
      select
        monitor_id,
        count(duration_seconds) as runs,
        percentile_cont(0.5) within group (order by duration_seconds) as median_seconds,
        max(duration_seconds) as longest_seconds
      from monitor_run_facts
      where day > utc_day(now()) - :days
      group by monitor_id
      having count(duration_seconds) > 0
      order by median_seconds desc, monitor_id
      limit :limit
    )
    select health.monitor_name, runs, median_seconds, longest_seconds, monitor_id
    from durations
    join monitor_health health using (monitor_id)
    order by median_seconds desc, monitor_id`,
};
