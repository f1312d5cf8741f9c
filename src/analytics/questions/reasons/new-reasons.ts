import type { Question } from '../question.ts';

export const newReasons: Question = {
  name: 'new-reasons',
  title: 'Which reasons are new?',
  about: 'Seen in the last days and never before. Reads every failed run that there is.',
  parameters: {
    days: { type: 'integer', default: 7, about: 'Days up to now.' },
  },
  sql: `
    select reason, failures, first_seen_at, example_run_id, account, api
    from failure_reasons
    where first_seen_at > now() - make_interval(days => :days)
    order by first_seen_at`,
};
