import type { Question } from '../question.ts';

export const timeToRecovery: Question = {
  name: 'time-to-recovery',
  title: 'How long does it take to recover?',
  about:
    'From the first failure of a streak to the end of the run that succeeded after it. Streaks that still last are not in the mean.',
  parameters: {
    days: { type: 'integer', default: 90, about: 'Days up to today.' },
  },
  sql: `
    with outcomes as (
      select
        monitor_id,
        created_at,
        is_failed,
        lag(is_failed, 1, false) over (partition by monitor_id order by created_at, run_id) as failed_before,
        min(case when not is_failed then finished_at end)
          over (partition by monitor_id order by created_at desc, run_id desc) as recovered_at
      from monitor_run_facts
      where day > utc_day(now()) - :days and status in ('completed', 'failed')
    )
    select
      monitor_id,
      count(recovered_at) as recoveries,
      round((avg(extract(epoch from recovered_at - created_at)) / 3600)::numeric, 1) as mean_hours_to_recovery,
      count(*) - count(recovered_at) as still_failing
    from outcomes
    where is_failed and not failed_before
    group by monitor_id
    order by mean_hours_to_recovery desc nulls first, monitor_id`,
};
