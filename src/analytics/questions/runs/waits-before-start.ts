import type { Question } from '../question.ts';

export const waitsBeforeStart: Question = {
  name: 'waits-before-start',
  title: 'How long do runs wait before they start?',
  about: 'Known for runs that the sync met while they ran. Looks up the changes of every run of these days.',
  parameters: {
    days: { type: 'integer', default: 7, about: 'Days up to today.' },
  },
  sql: `
    select monitor_id, count(queue_seconds) as runs, max(queue_seconds) as longest_seconds
    from monitor_run_facts
    where day > utc_day(now()) - :days
    group by monitor_id
    having count(queue_seconds) > 0
    order by longest_seconds desc`,
};
