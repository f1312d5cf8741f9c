import type { Question } from '../question.ts';

export const failureRateByDay: Question = {
  name: 'failure-rate-by-day',
  title: 'What is the failure rate of each of the last days, days without runs included?',
  about:
    "A day without a run has no row in the views: the calendar counts backwards from today. (A series of timestamps would make days of the session's time zone.)",
  parameters: {
    days: { type: 'integer', default: 10, about: 'Days before today.' },
  },
  sql: `
    select
      utc_day(now()) - calendar.age as day,
      coalesce(sum(runs), 0) as runs,
      coalesce(sum(failed), 0) as failed,
      round(failure_rate(sum(failed), sum(completed))::numeric, 3) as failure_rate
    from generate_series(0, :days) as calendar (age)
    left join failure_rates_daily rates on rates.day = utc_day(now()) - calendar.age and rates.day >= utc_day(now()) - :days
    group by calendar.age
    order by day`,
};
