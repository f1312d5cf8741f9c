import type { Question } from '../question.ts';

export const rateByConfiguration: Question = {
  name: 'rate-by-configuration',
  title: 'Did a change help: how did monitors fail before and after it?',
  about:
    'One row for each query and schedule that a monitor ran with; monitors that ran with one only are left out. Looks up the changes of every run of these days: a second for some 100,000 runs.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to today.' },
  },
  sql: `
    with ran as (
      select
        monitor_id,
        monitor_name,
        query,
        coalesce(cadence_cron, trigger ->> 'period') as schedule,
        min(created_at) as first_run_at,
        max(created_at) as last_run_at,
        count(*) as runs,
        failure_rate(count(*) filter (where status = 'failed'), count(*) filter (where status = 'completed')) as failure_rate
      from monitor_run_configurations
      where day > utc_day(now()) - :days
        and monitor_id in (select monitor_id from monitor_changes where changed_at > now() - make_interval(days => :days))
      group by 1, 2, 3, 4
    )
    select monitor_name, query, schedule, first_run_at, last_run_at, runs, round(failure_rate::numeric, 3) as failure_rate
    from (select ran.*, count(*) over (partition by monitor_id) as configurations from ran) compared
    where configurations > 1
    order by monitor_name, monitor_id, first_run_at`,
};
