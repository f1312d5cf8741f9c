import type { Question } from '../question.ts';

export const incidents: Question = {
  name: 'incidents',
  title: 'Which streaks of failures were there, and which go on?',
  about: 'From the first failed run to the one that succeeded after it. Those that go on come first.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to now in which they began.' },
  },
  sql: `
    select monitor_name, began_at, ended_at, round(hours::numeric, 1) as hours, failed_runs,
      failure_reason_pattern(first_reason) as reason, monitor_id
    from failure_incidents
    where began_at > now() - make_interval(days => :days)
    order by is_going_on desc, hours desc, began_at desc, monitor_id`,
};
