import type { Question } from '../question.ts';

export const stuckAndOverdue: Question = {
  name: 'stuck-and-overdue',
  title: 'Which runs are stuck, which monitors overdue?',
  about: '',
  parameters: {
    hours: { type: 'integer', default: 24, about: 'Hours after which an open run counts as stuck.' },
  },
  sql: `
    select 'stuck run' as what, monitor_name, monitor_id, run_id, created_at as since
    from monitor_run_facts
    where not is_final and absent_since is null and created_at < now() - make_interval(hours => :hours)
    union all
    select 'overdue monitor', monitor_name, monitor_id, null, next_run_at
    from monitor_health
    where overdue
    order by since`,
};
