import type { Question } from '../question.ts';

export const silentMonitors: Question = {
  name: 'silent-monitors',
  title: 'Which monitors have gone silent?',
  about: 'Nothing failed there, because nothing ran, or nothing that ran has succeeded for a long time.',
  parameters: {},
  sql: `
    select monitor_name, verdict_since as silent_since, last_run_at, last_run_status, last_success_at, next_run_at,
      missed_runs_30d, monitor_id
    from monitor_health
    where verdict = 'silent'
    order by verdict_since, monitor_id`,
};
