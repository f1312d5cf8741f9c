import { sql } from 'drizzle-orm';
import type { Transaction } from '../../../warehouse/connection/transaction.ts';
import { instantText, type ReportScope } from './report-sql.ts';
import type { CycleReport, Freshness, TroubledMonitor } from './report-data.ts';

const listedTroubled = 5;

type Row<T> = T & Record<string, unknown>;

/** How far the runs of the selected monitors are known. Monitors that Exa no longer has cannot become fresher. */
export async function loadFreshness(tx: Transaction, scope: ReportScope): Promise<Freshness> {
  const selected = sql`
    sync_freshness join monitors on monitors.id = monitor_id
    where scope = 'monitor' and absent_since is null and ${scope.monitorFilter}`;
  type Counts = Omit<Freshness, 'coverage' | 'lastCycle' | 'troubled'>;
  const [counts] = await tx.execute<Row<Counts>>(sql`
    select count(*)::integer as monitors, count(*) filter (where is_stale)::integer as "staleMonitors",
      count(*) filter (where covered_through is null)::integer as "unknownMonitors",
      count(*) filter (where consecutive_failures > 0)::integer as "unreadableMonitors",
      coalesce(sum(unfinished_walks), 0)::integer as "unfinishedWalks",
      coalesce(sum(rejected_runs), 0)::integer as "rejectedRuns",
      case when bool_and(covered_through is not null) then ${instantText(sql`min(covered_through)`)} end
        as "coveredThrough"
    from ${selected}`);
  if (counts === undefined) throw new Error('Postgres returned no row of an aggregate');
  const coverage = await tx.execute<Row<Freshness['coverage'][number]>>(sql`
    select utc_day(covered_through)::text as day, count(*)::integer as monitors from ${selected} group by 1`);
  const troubled = await tx.execute<Row<TroubledMonitor>>(sql`
    select monitor_id as "monitorId", ${instantText(sql`covered_through`)} as "coveredThrough",
      consecutive_failures as "consecutiveFailures", left(last_error, 500) as "lastError"
    from ${selected} and (is_stale or consecutive_failures > 0)
    order by consecutive_failures desc, covered_through nulls first, monitor_id limit ${listedTroubled}`);
  return {
    ...counts,
    coverage: coverage.map((row) => ({ ...row })),
    troubled: troubled.map((row) => ({ ...row })),
    ...(await loadCycles(tx)),
  };
}

async function loadCycles(tx: Transaction): Promise<Pick<Freshness, 'lastCycle' | 'runningSince'>> {
  const [newest] = await tx.execute<Row<CycleReport>>(sql`
    select status, ${instantText(sql`started_at`)} as "startedAt", null as error
    from sync_cycles order by id desc limit 1`);
  const [ended] = await tx.execute<Row<CycleReport>>(sql`
    select status, ${instantText(sql`started_at`)} as "startedAt", left(error, 500) as error
    from sync_cycles where status <> 'running' order by id desc limit 1`);
  return {
    lastCycle: ended === undefined ? null : { ...ended },
    runningSince: newest?.status === 'running' ? newest.startedAt : null,
  };
}
