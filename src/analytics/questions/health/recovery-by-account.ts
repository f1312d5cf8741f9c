import type { Question } from '../question.ts';

export const recoveryByAccount: Question = {
  name: 'recovery-by-account',
  title: 'What is the mean time to recovery of each account and API?',
  about: 'Over streaks of failures that have ended. Looks at every failed run of these days.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days up to now in which the streaks began.' },
  },
  sql: `
    select
      account,
      api,
      count(*) as incidents,
      count(*) filter (where is_going_on) as going_on,
      round((avg(hours) filter (where not is_going_on))::numeric, 1) as mean_hours_to_recovery
    from failure_incidents
    where began_at > now() - make_interval(days => :days)
    group by account, api
    order by account, api`,
};
