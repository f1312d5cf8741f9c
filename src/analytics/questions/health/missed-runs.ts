import type { Question } from '../question.ts';

export const missedRuns: Question = {
  name: 'missed-runs',
  title: 'Which monitors missed runs that were due?',
  about:
    'By the schedule that each monitor had at that time, of any kind: daily, on weekdays, every six hours, monthly. Only as far as the runs are known: what was not read was not missed.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to now.' },
  },
  sql: `
    select monitor_name, count(*) as missed, min(due_at) as first_missed, max(due_at) as last_missed, account, api, monitor_id
    from missed_run_facts
    where not is_late and due_at > now() - make_interval(days => :days)
    group by monitor_name, account, api, monitor_id
    order by missed desc, monitor_id`,
};
