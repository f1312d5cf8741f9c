import type { Question } from '../question.ts';

export const gapsBetweenRuns: Question = {
  name: 'gaps-between-runs',
  title: "Where are gaps in a monitor's runs, measured by its own rhythm?",
  about:
    "A gap is more than so many times the usual distance between the monitor's runs, and more than a minute; the last run is held against now. Works without a known schedule, but a monitor that always runs too seldom is taken at its own word: `missed-runs` goes by the schedule. Reads every run of these days.",
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to today.' },
    factor: { type: 'double precision', default: 1.5, about: 'How many times the usual distance is a gap.' },
  },
  sql: `
    with distances as (
      select
        monitor_id,
        created_at as after,
        lead(created_at) over (partition by monitor_id order by created_at, run_id) as before,
        monitor_status in ('enabled', 'active') and monitor_absent_since is null as is_active
      from monitor_run_facts
      where day > utc_day(now()) - :days
    ),
    usual as (
      select monitor_id, percentile_cont(0.5) within group (order by before - after) as distance
      from distances
      group by monitor_id
    )
    select
      monitor_id,
      after as last_run_before_the_gap,
      before as first_run_after_it,
      round((extract(epoch from coalesce(before, now()) - after) / nullif(extract(epoch from usual.distance), 0))::numeric, 1) as times_the_usual
    from distances
    join usual using (monitor_id)
    where coalesce(before, now()) - after > greatest(:factor * usual.distance, interval '1 minute')
      and (before is not null or is_active)
    order by after desc, monitor_id`,
};
