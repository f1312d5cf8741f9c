import type { Question } from '../question.ts';

export const monitorsNeedingAttention: Question = {
  name: 'monitors-needing-attention',
  title: 'Which monitors need attention?',
  about:
    'With what speaks against each, the gravest first; the comment of `monitor_health.verdict` has the rule.',
  parameters: {},
  sql: `
    select monitor_name, verdict, verdict_reasons, verdict_since, last_success_at, account, api, monitor_id
    from monitor_health
    where verdict in ('failing', 'silent', 'degraded')
    order by array_position(array['failing', 'silent', 'degraded'], verdict), failure_streak desc, monitor_id`,
};
