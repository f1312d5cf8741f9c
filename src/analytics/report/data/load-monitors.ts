import { sql } from 'drizzle-orm';
import type { Transaction } from '../../../warehouse/connection/transaction.ts';
import { instantText, summedCounts, type ReportScope } from './report-sql.ts';
import type { MonitorReport, RunCounts } from './report-data.ts';

/** How many of the selected monitors have which verdict. */
export async function loadVerdicts(
  tx: Transaction,
  { monitorFilter }: ReportScope,
): Promise<Readonly<Record<string, number>>> {
  const rows = await tx.execute<{ verdict: string; monitors: number }>(sql`
    select verdict, count(*)::integer as monitors from monitor_health where ${monitorFilter} group by verdict`);
  return Object.fromEntries(rows.map(({ verdict, monitors }) => [verdict, monitors]));
}

/** The monitors with most failed runs; of those that Exa no longer has only the ones that ran in this time. */
export async function loadMonitors(
  tx: Transaction,
  scope: ReportScope,
  limit: number,
): Promise<readonly MonitorReport[]> {
  const { monitorFilter, firstDay, lastDay } = scope;
  const rows = await tx.execute<Omit<MonitorReport, 'daily'> & Record<string, unknown>>(sql`
    with counts as (
      select monitor_id, ${summedCounts} from failure_rates_daily
      where ${monitorFilter} and day between ${firstDay} and ${lastDay} group by monitor_id
    ), worst as (
      select monitor_id, coalesce(runs, 0) as runs, coalesce(completed, 0) as completed, coalesce(failed, 0) as failed,
        coalesce(canceled, 0) as canceled, coalesce(open, 0) as open, "failureRate"
      from (select id as monitor_id, absent_since from monitors) listed left join counts using (monitor_id)
      where ${monitorFilter} and (absent_since is null or runs > 0)
      order by coalesce(failed, 0) desc, "failureRate" desc nulls last, monitor_id limit ${limit}
    )
    select worst.monitor_id as "monitorId", runs, completed, failed, canceled, open, "failureRate",
      health.webset_id as "websetId", nullif(left(health.monitor_name, 300), worst.monitor_id) as name, health.verdict,
      health.failure_streak as "failureStreak", ${instantText(sql`health.last_success_at`)} as "lastSuccessAt",
      utc_day(health.covered_through)::text as "coveredDay"
    from worst join monitor_health health on health.monitor_id = worst.monitor_id
    order by failed desc, "failureRate" desc nulls last, worst.monitor_id`);
  const daily = await loadMonitorDays(
    tx,
    scope,
    rows.map(({ monitorId }) => monitorId),
  );
  return rows.map((row) => ({ ...row, daily: daily.get(row.monitorId) ?? [] }));
}

type MonitorDay = MonitorReport['daily'][number];

async function loadMonitorDays(
  tx: Transaction,
  { firstDay, lastDay }: ReportScope,
  monitorIds: readonly string[],
): Promise<ReadonlyMap<string, readonly MonitorDay[]>> {
  const days = new Map<string, MonitorDay[]>(monitorIds.map((id) => [id, []]));
  if (monitorIds.length === 0) return days;
  const rows = await tx.execute<{ monitorId: string; day: string } & RunCounts & Record<string, unknown>>(sql`
    select monitor_id as "monitorId", day::text as day, runs, completed, failed, canceled, open,
      failure_rate as "failureRate"
    from failure_rates_daily
    where monitor_id in ${monitorIds} and day between ${firstDay} and ${lastDay} order by day`);
  for (const { monitorId, ...day } of rows) days.get(monitorId)?.push(day);
  return days;
}
