import type { Question } from '../question.ts';

export const failureRateByAccount: Question = {
  name: 'failure-rate-by-account',
  title: 'What is the failure rate of each account and API, now and before?',
  about: '',
  parameters: {
    days: { type: 'integer', default: 7, about: 'Days of each of the two spans, today included.' },
  },
  sql: `
    with spans as (
      select account, api, day > utc_day(now()) - :days as is_now, sum(failed) as failed, sum(completed) as completed
      from failure_rates_daily
      where day > utc_day(now()) - 2 * :days
      group by 1, 2, 3
    )
    select
      account,
      api,
      sum(failed + completed) filter (where is_now) as rated_runs,
      round(failure_rate(sum(failed) filter (where is_now), sum(completed) filter (where is_now))::numeric, 3) as failure_rate,
      round(failure_rate(sum(failed) filter (where not is_now), sum(completed) filter (where not is_now))::numeric, 3)
        as rate_before
    from spans
    group by account, api
    order by account, api`,
};
