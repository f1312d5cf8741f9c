import type { Question } from '../question.ts';

export const errorBudget: Question = {
  name: 'error-budget',
  title: 'How much of the error budget is used?',
  about: 'For a target of successful runs in a span of days: 1 means that the budget is used up.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to today.' },
    target: {
      type: 'double precision',
      default: 0.9,
      about: 'The share of runs that should succeed; less than 1.',
    },
  },
  sql: `
    select
      monitor_id,
      sum(failed) as failed,
      round(((1 - :target) * sum(failed + completed))::numeric, 1) as budget,
      round((failure_rate(sum(failed), sum(completed)) / nullif(1 - :target, 0))::numeric, 2) as used
    from failure_rates_daily
    where day > utc_day(now()) - :days
    group by monitor_id
    having sum(failed + completed) > 0
    order by used desc, monitor_id`,
};
