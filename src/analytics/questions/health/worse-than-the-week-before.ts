import type { Question } from '../question.ts';

export const worseThanTheWeekBefore: Question = {
  name: 'worse-than-the-week-before',
  title: 'Which monitors got worse from one week to the next?',
  about: '',
  parameters: {
    days: { type: 'integer', default: 7, about: 'Days of each of the two spans.' },
  },
  sql: `
    with weeks as (
      select
        monitor_id,
        failure_rate(
          sum(failed) filter (where day > utc_day(now()) - :days),
          sum(completed) filter (where day > utc_day(now()) - :days)
        ) as this_week,
        failure_rate(
          sum(failed) filter (where day <= utc_day(now()) - :days),
          sum(completed) filter (where day <= utc_day(now()) - :days)
        ) as week_before
      from failure_rates_daily
      where day > utc_day(now()) - 2 * :days
      group by monitor_id
    )
    select monitor_id, round(week_before::numeric, 3) as week_before, round(this_week::numeric, 3) as this_week
    from weeks
    where this_week > week_before
    order by this_week - week_before desc, monitor_id`,
};
