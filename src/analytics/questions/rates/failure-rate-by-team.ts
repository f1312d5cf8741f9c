import type { Question } from '../question.ts';

export const failureRateByTeam: Question = {
  name: 'failure-rate-by-team',
  title: 'How do teams compare, by the metadata of their monitors?',
  about: '',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to today.' },
    key: { type: 'text', default: 'team', about: 'The key in the metadata of the monitors.' },
  },
  sql: `
    select
      monitor_metadata ->> :key as team,
      count(distinct monitor_id) as monitors,
      count(*) as runs,
      round(failure_rate(count(*) filter (where is_failed), count(*) filter (where status = 'completed'))::numeric, 3)
        as failure_rate
    from monitor_run_facts
    where day > utc_day(now()) - :days
    group by 1
    order by failure_rate desc nulls last`,
};
