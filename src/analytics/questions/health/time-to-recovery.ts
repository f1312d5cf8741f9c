import type { Question } from '../question.ts';

export const timeToRecovery: Question = {
  name: 'time-to-recovery',
  title: 'How long does it take to recover?',
  about:
    'From the first failed run of a streak to the creation of the run that succeeded after it. Streaks that go on are not in the mean. Looks at every failed run of these days.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to now in which the streaks began.' },
  },
  sql: `
    select
      monitor_name,
      count(ended_at) as recoveries,
      round((avg(hours) filter (where not is_going_on))::numeric, 1) as mean_hours,
      round((max(hours) filter (where not is_going_on))::numeric, 1) as longest_hours,
      count(*) filter (where is_going_on) as still_failing,
      monitor_id
    from failure_incidents
    where began_at > now() - make_interval(days => :days)
    group by monitor_name, monitor_id
    order by mean_hours desc nulls first, monitor_id`,
};
