import type { Question } from '../question.ts';

export const monitorsNeedingAttention: Question = {
  name: 'monitors-needing-attention',
  title: 'Which monitors need attention?',
  about: '',
  parameters: {},
  sql: `
    select monitor_id, verdict, failure_streak, failure_rate_7d, rated_runs_7d, overdue, stuck_runs, last_success_at
    from monitor_health
    where verdict in ('failing', 'silent', 'degraded')
    order by array_position(array['failing', 'silent', 'degraded'], verdict), failure_streak desc, monitor_id`,
};
