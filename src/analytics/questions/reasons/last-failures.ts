import type { Question } from '../question.ts';

export const lastFailures: Question = {
  name: 'last-failures',
  title: 'What failed last?',
  about: '',
  parameters: {
    limit: { type: 'integer', default: 3, about: 'Rows at most.' },
  },
  sql: `
    select created_at, monitor_name, failed_reason, run_id
    from monitor_run_facts
    where is_failed
    order by created_at desc, run_id desc
    limit :limit`,
};
