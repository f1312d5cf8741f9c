import type { Question } from '../question.ts';

export const durationsByDay: Question = {
  name: 'durations-by-day',
  title: 'How long do runs take, day by day?',
  about: 'Percentiles cannot be averaged over monitors, so they come from the runs.',
  parameters: {
    days: { type: 'integer', default: 3, about: 'Days up to today.' },
  },
  sql: `
    select
      day,
      percentile_cont(0.5) within group (order by duration_seconds) as p50_seconds,
      percentile_cont(0.95) within group (order by duration_seconds) as p95_seconds
    from monitor_run_facts
    where day > utc_day(now()) - :days
    group by day
    order by day`,
};
