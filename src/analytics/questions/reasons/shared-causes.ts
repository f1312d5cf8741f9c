import type { Question } from '../question.ts';

export const sharedCauses: Question = {
  name: 'shared-causes',
  title: 'When did several monitors fail for one reason?',
  about: 'At least so many monitors of an account on one day: mostly an outage or a quota, not the monitors.',
  parameters: {
    days: { type: 'integer', default: 30, about: 'Days before today.' },
    monitors: {
      type: 'integer',
      default: 3,
      about: 'Monitors at least; three are the least that are looked for.',
    },
  },
  sql: `
    select day, reason, monitors, failed_runs, first_failed_at, last_failed_at, account, api
    from failure_clusters_since((utc_day(now()) - :days)::timestamp at time zone 'UTC')
    where monitors >= :monitors
    order by day desc, monitors desc, reason`,
};
