import type { Question } from '../question.ts';

export const noLongerAtExa: Question = {
  name: 'no-longer-at-exa',
  title: 'What does Exa no longer have?',
  about: 'Reads every run that there is.',
  parameters: {},
  sql: `
    select 'monitor' as what, monitor_id as id, absent_since from monitor_health where absent_since is not null
    union all
    select 'run', run_id, absent_since from monitor_run_facts where absent_since is not null
    order by absent_since`,
};
