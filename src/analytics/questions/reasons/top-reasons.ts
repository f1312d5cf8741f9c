import type { Question } from '../question.ts';

export const topReasons: Question = {
  name: 'top-reasons',
  title: 'What are the top reasons lately?',
  about: '',
  parameters: {
    days: { type: 'integer', default: 7, about: 'Days up to now.' },
    limit: { type: 'integer', default: 10, about: 'Rows at most.' },
  },
  sql: `
    select reason, failures, monitors, last_seen_at, example, account, api
    from failure_reasons_since(now() - make_interval(days => :days))
    order by failures desc, reason
    limit :limit`,
};
