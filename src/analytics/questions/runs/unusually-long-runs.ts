import type { Question } from '../question.ts';

export const unusuallyLongRuns: Question = {
  name: 'unusually-long-runs',
  title: 'Which runs took unusually long?',
  about:
    'More than so many times the median of their monitor. Where that is zero, every run that took time is. Reads every run of these days, twice.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to today.' },
    factor: { type: 'double precision', default: 3, about: 'How many times the median is unusual.' },
  },
  sql: `
    with usual as (
      select monitor_id, percentile_cont(0.5) within group (order by duration_seconds) as median_seconds
      from monitor_run_facts
      where day > utc_day(now()) - :days
      group by monitor_id
    )
    select facts.monitor_name, facts.run_id, facts.duration_seconds, usual.median_seconds
    from monitor_run_facts facts
    join usual on usual.monitor_id = facts.monitor_id
    where facts.day > utc_day(now()) - :days and facts.duration_seconds > :factor * usual.median_seconds
    order by facts.duration_seconds / nullif(usual.median_seconds, 0) desc nulls first, facts.run_id`,
};
