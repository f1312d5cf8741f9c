import type { Question } from '../question.ts';

export const verdicts: Question = {
  name: 'verdicts',
  title: 'How many monitors do well, by account and API?',
  about:
    '`stale`: monitors of them that have not been read for a day, so that the verdict is of an older time.',
  parameters: {},
  sql: `
    select account, api, verdict, count(*) as monitors, count(*) filter (where is_stale) as stale
    from monitor_health
    group by account, api, verdict
    order by account, api,
      array_position(array['failing', 'silent', 'degraded', 'unproven', 'healthy', 'disabled'], verdict)`,
};
