import { sql, type SQL } from 'drizzle-orm';
import type { ReportSelection } from './report-data.ts';

/** What is asked for, in terms of SQL. */
export interface ReportScope {
  /** A condition on `monitor_id`. */
  readonly monitorFilter: SQL;
  readonly firstDay: SQL;
  readonly lastDay: SQL;
}

export function createScope({ days, monitorId, websetId }: ReportSelection): ReportScope {
  const conditions = [
    ...(monitorId === null ? [] : [sql`monitor_id = ${monitorId}`]),
    ...(websetId === null
      ? []
      : [sql`monitor_id in (select id from monitors where webset_id = ${websetId})`]),
  ];
  return {
    monitorFilter: conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `),
    firstDay: sql`(utc_day(now()) - ${days - 1}::integer)`,
    lastDay: sql`utc_day(now())`,
  };
}

/** An instant as RFC 3339, to the millisecond. */
export function instantText(instant: SQL): SQL {
  return sql`to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** Sums over rows of `failure_rates_daily`. */
export const summedCounts = sql`
  coalesce(sum(runs), 0)::double precision as runs,
  coalesce(sum(completed), 0)::double precision as completed,
  coalesce(sum(failed), 0)::double precision as failed,
  coalesce(sum(canceled), 0)::double precision as canceled,
  coalesce(sum(open), 0)::double precision as open,
  failure_rate(sum(failed), sum(completed)) as "failureRate"`;

/** Over rows of `monitor_run_facts`. */
export const percentiles = sql`
  percentile_cont(0.5) within group (order by duration_seconds) as "p50Seconds",
  percentile_cont(0.95) within group (order by duration_seconds) as "p95Seconds"`;
