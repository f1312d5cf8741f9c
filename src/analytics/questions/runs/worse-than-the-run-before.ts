import type { Question } from '../question.ts';

export const worseThanTheRunBefore: Question = {
  name: 'worse-than-the-run-before',
  title: 'Which runs were worse than the one before?',
  about:
    'Run over run: a success followed by a failure, or by a success that took more than so many times as long. What follows a failure is no worse. Reads every run of these days.',
  parameters: {
    days: { type: 'integer', default: 7, about: 'Days up to today.' },
    factor: {
      type: 'double precision',
      default: 2,
      about: 'How many times longer than before counts as worse.',
    },
  },
  sql: `
    with pairs as (
      select
        monitor_id,
        monitor_name,
        run_id,
        created_at,
        status,
        duration_seconds,
        lag(status) over ran as status_before,
        lag(duration_seconds) over ran as duration_before
      from monitor_run_facts
      where day > utc_day(now()) - :days and status in ('completed', 'failed')
      window ran as (partition by monitor_id order by created_at, run_id)
    )
    select monitor_name, run_id, status_before, status, duration_before, duration_seconds
    from pairs
    where status_before = 'completed' and (status = 'failed' or duration_seconds > :factor * duration_before)
    order by created_at desc, monitor_id`,
};
