import type { Question } from '../question.ts';

export const unprovenMonitors: Question = {
  name: 'unproven-monitors',
  title: 'Of which monitors is too little known to judge them?',
  about: 'Fewer than three runs completed or failed in 90 days: neither healthy nor not.',
  parameters: {},
  sql: `
    select monitor_name, rated_runs_90d, last_run_at, last_run_status, next_run_at, monitor_id
    from monitor_health
    where verdict = 'unproven'
    order by rated_runs_90d, monitor_id`,
};
