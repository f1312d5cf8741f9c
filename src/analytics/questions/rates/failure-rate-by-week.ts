import type { Question } from '../question.ts';

export const failureRateByWeek: Question = {
  name: 'failure-rate-by-week',
  title: 'What is the failure rate by week and webset?',
  about: 'Weeks begin on Monday. The last one is that of today, and `is_complete` is false for it.',
  parameters: {
    weeks: { type: 'integer', default: 4, about: 'Whole weeks before this one.' },
  },
  sql: `
    select
      date_trunc('week', day)::date as week,
      webset_id,
      count(*) filter (where is_failed) as failed,
      count(*) filter (where status = 'completed') as completed,
      round(failure_rate(count(*) filter (where is_failed), count(*) filter (where status = 'completed'))::numeric, 3)
        as failure_rate,
      date_trunc('week', day)::date + 7 <= utc_day(now()) as is_complete
    from monitor_run_facts
    where day >= date_trunc('week', utc_day(now())::timestamp)::date - 7 * :weeks
    group by 1, 2, date_trunc('week', day)
    order by 1, 2`,
};
