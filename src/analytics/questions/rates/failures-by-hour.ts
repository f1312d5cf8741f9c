import type { Question } from '../question.ts';

export const failuresByHour: Question = {
  name: 'failures-by-hour',
  title: 'When do runs fail: at which hour, in my time zone?',
  about: '',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to today.' },
    timezone: { type: 'text', default: 'Europe/Berlin', about: 'The time zone of the hours.' },
  },
  sql: `
    select
      extract(hour from created_at at time zone :timezone)::integer as hour,
      count(*) filter (where is_failed) as failed,
      round(failure_rate(count(*) filter (where is_failed), count(*) filter (where status = 'completed'))::numeric, 3)
        as failure_rate
    from monitor_run_facts
    where day > utc_day(now()) - :days
    group by 1
    having count(*) filter (where is_failed) > 0
    order by 1`,
};
