import type { Question } from '../question.ts';

export const flakiestMonitors: Question = {
  name: 'flakiest-monitors',
  title: 'Which monitors are flakiest?',
  about:
    'Not those that always fail, but those that keep changing between success and failure. Reads every run of these days.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to today.' },
    limit: { type: 'integer', default: 10, about: 'Rows at most.' },
  },
  sql: `
    with outcomes as (
      select
        monitor_id,
        is_failed,
        is_failed is distinct from
          lag(is_failed, 1, is_failed) over (partition by monitor_id order by created_at, run_id) as flipped
      from monitor_run_facts
      where day > utc_day(now()) - :days and status in ('completed', 'failed')
    )
    select monitor_id, count(*) filter (where flipped) as flips, count(*) as outcomes
    from outcomes
    group by monitor_id
    having count(*) filter (where flipped) > 0
    order by flips desc, monitor_id
    limit :limit`,
};
