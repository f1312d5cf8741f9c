import type { Question } from '../question.ts';

export const costOfTheSync: Question = {
  name: 'cost-of-the-sync',
  title: 'What does the sync cost?',
  about: '',
  parameters: {},
  sql: `
    select
      utc_day(started_at) as day,
      count(*) as cycles,
      count(*) filter (where status <> 'succeeded') as not_succeeded,
      sum(requests) as requests,
      sum(runs_inserted + runs_updated) as rows_written
    from sync_cycles
    group by 1
    order by 1`,
};
