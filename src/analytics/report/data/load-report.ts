import { sql } from 'drizzle-orm';
import type { Database } from '../../../warehouse/connection/database.ts';
import type { Transaction } from '../../../warehouse/connection/transaction.ts';
import { loadFreshness } from './load-freshness.ts';
import { loadMonitors, loadVerdicts } from './load-monitors.ts';
import { createScope, instantText, percentiles, summedCounts, type ReportScope } from './report-sql.ts';
import type { DayTotals, PeriodTotals, ReasonReport, ReportData, ReportSelection } from './report-data.ts';

/** How much a report lists, however many there are. */
const listedMonitors = 25;
const listedReasons = 12;

/**
 * Reads all that a report shows, at one moment of the warehouse, by whose clock the days are counted.
 * @throws Error when the warehouse has no monitor of those that were asked for
 */
export function loadReport(database: Database, selection: ReportSelection): Promise<ReportData> {
  return database.transaction(
    async (tx) => {
      const scope = createScope(selection);
      await requireMonitor(tx, selection, scope);
      const days = selection.days;
      const before: ReportScope = {
        ...scope,
        firstDay: sql`(${scope.firstDay} - ${days}::integer)`,
        lastDay: sql`(${scope.lastDay} - ${days}::integer)`,
      };
      return {
        selection,
        generatedAt: await loadNow(tx),
        freshness: await loadFreshness(tx, scope),
        totals: await loadTotals(tx, scope),
        previous: await loadTotals(tx, before),
        daily: await loadDaily(tx, scope),
        verdicts: await loadVerdicts(tx, scope),
        monitors: await loadMonitors(tx, scope, listedMonitors),
        ...(await loadReasons(tx, scope)),
      };
    },
    { snapshot: true },
  );
}

/** An id that was mistyped must not give a report in which nothing failed. */
async function requireMonitor(
  tx: Transaction,
  { monitorId, websetId }: ReportSelection,
  { monitorFilter }: ReportScope,
): Promise<void> {
  if (monitorId === null && websetId === null) return;
  const found = await tx.execute(sql`
    select from (select id as monitor_id from monitors) listed where ${monitorFilter} limit 1`);
  if (found.length > 0) return;
  const monitor = monitorId === null ? 'monitor' : `monitor "${monitorId}"`;
  throw new Error(`the warehouse has no ${monitor}${websetId === null ? '' : ` of webset "${websetId}"`}`);
}

async function loadNow(tx: Transaction): Promise<string> {
  const [row] = await tx.execute<{ now: string }>(sql`select ${instantText(sql`now()`)} as now`);
  if (row === undefined) throw new Error('Postgres did not tell the time');
  return row.now;
}

async function loadTotals(tx: Transaction, scope: ReportScope): Promise<PeriodTotals> {
  const within = sql`${scope.monitorFilter} and day between ${scope.firstDay} and ${scope.lastDay}`;
  const [row] = await tx.execute<PeriodTotals & Record<string, unknown>>(sql`
    select * from (select ${summedCounts} from failure_rates_daily where ${within}) counts,
      (select ${percentiles} from monitor_run_facts where ${within}) durations`);
  if (row === undefined) throw new Error('Postgres returned no row of an aggregate');
  return { ...row };
}

async function loadDaily(tx: Transaction, scope: ReportScope): Promise<readonly DayTotals[]> {
  const { monitorFilter, firstDay, lastDay } = scope;
  // The first day's week begins six days earlier.
  const rows = await tx.execute<DayTotals & Record<string, unknown>>(sql`
    with counts as (
      select day, ${summedCounts} from failure_rates_daily
      where ${monitorFilter} and day between ${firstDay} - 6 and ${lastDay} group by day
    ), durations as (
      select day, ${percentiles} from monitor_run_facts
      where ${monitorFilter} and day between ${firstDay} and ${lastDay} group by day
    ), weeks as (
      select calendar.day::date as day, counts.runs, counts.completed, counts.failed, counts.canceled, counts.open,
        counts."failureRate", failure_rate(sum(failed) over week, sum(completed) over week) as "weekFailureRate"
      from generate_series(${firstDay} - 6, ${lastDay}, interval '1 day') as calendar (day)
      left join counts on counts.day = calendar.day::date
      window week as (order by calendar.day rows between 6 preceding and current row)
    )
    select weeks.day::text as day, coalesce(runs, 0) as runs, coalesce(completed, 0) as completed,
      coalesce(failed, 0) as failed, coalesce(canceled, 0) as canceled, coalesce(open, 0) as open,
      "failureRate", "weekFailureRate", "p50Seconds", "p95Seconds"
    from weeks left join durations using (day)
    where weeks.day >= ${firstDay} order by weeks.day`);
  return rows.map((row) => ({ ...row }));
}

async function loadReasons(
  tx: Transaction,
  { monitorFilter, firstDay, lastDay }: ReportScope,
): Promise<Pick<ReportData, 'reasons' | 'distinctReasons'>> {
  const rows = await tx.execute<ReasonReport & { total: number } & Record<string, unknown>>(sql`
    select failure_reason_pattern(failed_reason) as reason, count(*)::double precision as failures,
      count(distinct monitor_id)::double precision as monitors, ${instantText(sql`max(created_at)`)} as "lastSeenAt",
      left((array_agg(failed_reason order by created_at desc, run_id desc))[1], 1000) as example,
      (count(*) over ())::double precision as total
    from monitor_run_facts
    where is_failed and ${monitorFilter} and day between ${firstDay} and ${lastDay}
      and created_at >= ${firstDay}::timestamp at time zone 'UTC'
    group by 1 order by failures desc, "lastSeenAt" desc, reason limit ${listedReasons}`);
  return {
    reasons: rows.map(({ reason, failures, monitors, lastSeenAt, example }) => ({
      reason,
      failures,
      monitors,
      lastSeenAt,
      example,
    })),
    distinctReasons: rows[0]?.total ?? 0,
  };
}
