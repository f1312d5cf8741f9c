import { sql, type SQL } from 'drizzle-orm';

/**
 * True for runs created on a day, in UTC, that lies in a span of creation times. Says nothing that a condition on
 * `created_at` does not say, but the day is what stands second in the index of a monitor's runs: without it the whole
 * monitor is read.
 */
export function onDaysOfSpan(oldest: SQL, newest: SQL): SQL {
  return sql`(created_at at time zone 'UTC')::date
    between (${oldest} at time zone 'UTC')::date and (${newest} at time zone 'UTC')::date`;
}
