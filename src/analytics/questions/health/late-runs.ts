import type { Question } from '../question.ts';

export const lateRuns: Question = {
  name: 'late-runs',
  title: 'Which runs came late, and by how much?',
  about:
    'Later than the grace (`SYNC_DUE_GRACE_MINUTES`) after the time at which they were due, and before the next one was.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to now.' },
  },
  sql: `
    select monitor_name, due_at, round(late_by_seconds::numeric / 60) as minutes_late, late_run_id, monitor_id
    from missed_run_facts
    where is_late and due_at > now() - make_interval(days => :days)
    order by late_by_seconds desc, monitor_id, due_at`,
};
