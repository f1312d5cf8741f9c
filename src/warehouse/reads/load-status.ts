import { and, count, desc, gt, isNotNull, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import { instantOf } from '../connection/instant.ts';
import { parseUnfinishedWalk } from '../cycle/stored-checkpoint.ts';
import { loadAttention, type Attention, type OfSources } from './load-attention.ts';
import { loadOpenRuns, type OpenRunRow } from './load-open-runs.ts';
import { isOpenRun, monitorRuns, monitors, rejectedRuns, syncCheckpoints, syncCycles } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';

export interface StatusLimits extends OfSources {
  readonly cycles: number;
  /** Of each list of monitors. */
  readonly monitors: number;
  readonly openRuns: number;
  /** Open runs that were created before this instant (RFC 3339) are stuck. */
  readonly stuckBefore: string;
}

/** The state of a warehouse at a glance. Instants are RFC 3339. */
export interface WarehouseStatus {
  readonly attention: Attention;
  readonly totals: StatusTotals;
  readonly sources: readonly SourceStatusRow[];
  /** Newest first. */
  readonly cycles: readonly CycleStatusRow[];
  /** Worst first: never walked, then failing, then by how far they are covered. */
  readonly freshness: readonly MonitorFreshness[];
  readonly unfinishedWalks: readonly UnfinishedWalkRow[];
  /** Oldest first. */
  readonly openRuns: readonly OpenRunRow[];
  readonly errors: readonly MonitorErrorRow[];
}

/** One API of one account. */
interface SourceStatusRow {
  readonly account: string;
  readonly api: string;
  /** Those that the API still has. */
  readonly monitors: number;
  /** How it ended for the source: as a cycle, or `unavailable`. Null: it was in none. */
  readonly lastStatus: string | null;
  readonly lastCycleAt: string | null;
  /** Why not `succeeded`. */
  readonly error: string | null;
  /** Since when the plan of the account does not include it. */
  readonly unavailableSince: string | null;
}

export interface StatusTotals {
  readonly monitors: number;
  readonly absentMonitors: number;
  readonly runs: number;
  readonly openRuns: number;
  /** Open runs that are too old to end by themselves. */
  readonly stuckRuns: number;
  readonly rejectedRuns: number;
}

export interface CycleStatusRow {
  readonly id: number;
  readonly status: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly monitorsSeen: number;
  readonly monitorsFailed: number;
  readonly runsInserted: number;
  readonly runsUpdated: number;
  readonly requests: number;
  readonly error: string | null;
}

interface MonitorFreshness {
  readonly monitorId: string;
  /** Up to when everything is known: the last walk, or a later cycle that had evidence of nothing new. */
  readonly coveredThrough: string | null;
  /** The newest run of the last walk; every run created up to here is stored. */
  readonly syncedThrough: string | null;
  readonly lastWalkAt: string | null;
  readonly lastFullWalkAt: string | null;
  readonly consecutiveFailures: number;
}

interface UnfinishedWalkRow {
  readonly monitorId: string;
  readonly kind: string | null;
  readonly pages: number | null;
  readonly startedAt: string | null;
}

interface MonitorErrorRow {
  readonly monitorId: string;
  readonly error: string | null;
  readonly at: string | null;
  readonly consecutiveFailures: number;
}

/** Reads everything at one moment of the warehouse. Cycles are shown whole, whatever is selected. */
export function loadStatus(database: Database, limits: StatusLimits): Promise<WarehouseStatus> {
  const { stuckBefore, account, api } = limits;
  const sourceIds = sql`(
    select id from sync_sources
    where account = coalesce(${account}::text, account) and api = coalesce(${api}::text, api))`;
  const ofMonitors = sql`monitor_id in (select id from monitors where source_id in ${sourceIds})`;
  const everything = account === null && api === null;
  const ofSources = everything ? undefined : sql`source_id in ${sourceIds}`;
  const ofTheirMonitors = everything ? undefined : ofMonitors;
  return database.transaction(
    async (tx) => {
      return {
        attention: await loadAttention(tx, limits.monitors, limits),
        totals: await loadTotals(tx, stuckBefore, ofSources, ofTheirMonitors),
        sources: await loadSources(tx, sourceIds),
        cycles: await loadCycles(tx, limits.cycles),
        freshness: await loadFreshness(tx, limits.monitors, ofTheirMonitors),
        unfinishedWalks: await loadUnfinishedWalks(tx, limits.monitors, ofTheirMonitors),
        openRuns: await loadOpenRuns(tx, { stuckBefore, limit: limits.openRuns, where: ofSources }),
        errors: await loadErrors(tx, limits.monitors, ofTheirMonitors),
      };
    },
    { snapshot: true },
  );
}

async function loadTotals(
  tx: Transaction,
  stuckBefore: string,
  ofSources: SQL | undefined,
  ofMonitors: SQL | undefined,
): Promise<StatusTotals> {
  const [listed] = await tx
    .select({ all: count(), absent: count(monitors.absentSince) })
    .from(monitors)
    .where(ofSources);
  const [runs] = await tx.select({ all: count() }).from(monitorRuns).where(ofSources);
  const [open] = await tx
    .select({
      all: count(),
      stuck: sql`count(*) filter (where created_at < ${stuckBefore}::timestamptz)`.mapWith(Number),
    })
    .from(monitorRuns)
    .where(and(isOpenRun, ofSources));
  const [rejected] = await tx.select({ all: count() }).from(rejectedRuns).where(ofMonitors);
  return {
    monitors: listed?.all ?? 0,
    absentMonitors: listed?.absent ?? 0,
    runs: runs?.all ?? 0,
    openRuns: open?.all ?? 0,
    stuckRuns: open?.stuck ?? 0,
    rejectedRuns: rejected?.all ?? 0,
  };
}

async function loadSources(tx: Transaction, sourceIds: SQL): Promise<readonly SourceStatusRow[]> {
  const rows = await tx.execute<Record<string, unknown> & SourceStatusRow>(sql`
    select account, api, ended.status as "lastStatus", ended.started_at::text as "lastCycleAt", ended.error,
      unavailable_since::text as "unavailableSince",
      (select count(*)::integer from monitors where source_id = sources.id and absent_since is null) as monitors
    from sync_sources sources
    left join lateral (
      select sync_cycle_sources.status, started_at, sync_cycle_sources.error
      from sync_cycle_sources join sync_cycles on sync_cycles.id = cycle_id
      where source_id = sources.id order by cycle_id desc limit 1
    ) ended on true
    where sources.id in ${sourceIds}
    order by account, api`);
  return rows.map(
    ({ account, api, monitors: present, lastStatus, lastCycleAt, error, unavailableSince }) => ({
      account,
      api,
      monitors: present,
      lastStatus,
      lastCycleAt: instantOf(lastCycleAt),
      error,
      unavailableSince: instantOf(unavailableSince),
    }),
  );
}

async function loadCycles(tx: Transaction, limit: number): Promise<readonly CycleStatusRow[]> {
  const rows = await tx
    .select({
      id: syncCycles.id,
      status: syncCycles.status,
      startedAt: syncCycles.startedAt,
      finishedAt: syncCycles.finishedAt,
      monitorsSeen: syncCycles.monitorsSeen,
      monitorsFailed: syncCycles.monitorsFailed,
      runsInserted: syncCycles.runsInserted,
      runsUpdated: syncCycles.runsUpdated,
      requests: syncCycles.requests,
      error: syncCycles.error,
    })
    .from(syncCycles)
    .orderBy(desc(syncCycles.id))
    .limit(limit);
  return rows.map((row) => ({
    ...row,
    startedAt: instantOf(row.startedAt),
    finishedAt: instantOf(row.finishedAt),
  }));
}

async function loadFreshness(
  tx: Transaction,
  limit: number,
  ofMonitors: SQL = sql`true`,
): Promise<readonly MonitorFreshness[]> {
  const rows = await tx.execute<{
    monitor_id: string;
    covered_through: string | null;
    synced_through: string | null;
    last_walk_at: string | null;
    last_full_walk_at: string | null;
    consecutive_failures: number;
  }>(sql`
    select monitor_id, covered_through::text, synced_through::text, last_walk_at::text, last_full_walk_at::text,
      consecutive_failures
    from sync_freshness join monitors on monitors.id = monitor_id
    where monitors.absent_since is null and ${ofMonitors}
    order by sync_freshness.last_full_walk_at is null desc, consecutive_failures desc,
      sync_freshness.covered_through nulls first, sync_freshness.last_walk_at, monitor_id
    limit ${limit}`);
  return rows.map((row) => ({
    monitorId: row.monitor_id,
    coveredThrough: instantOf(row.covered_through),
    syncedThrough: instantOf(row.synced_through),
    lastWalkAt: instantOf(row.last_walk_at),
    lastFullWalkAt: instantOf(row.last_full_walk_at),
    consecutiveFailures: row.consecutive_failures,
  }));
}

async function loadUnfinishedWalks(
  tx: Transaction,
  limit: number,
  ofMonitors: SQL | undefined,
): Promise<readonly UnfinishedWalkRow[]> {
  const rows = await tx
    .select({
      monitorId: syncCheckpoints.monitorId,
      walk: syncCheckpoints.unfinishedWalk,
    })
    .from(syncCheckpoints)
    .where(and(isNotNull(syncCheckpoints.unfinishedWalk), ofMonitors))
    .orderBy(sql`${syncCheckpoints.unfinishedWalk} ->> 'startedAt'`, syncCheckpoints.monitorId)
    .limit(limit);
  return rows.map(({ monitorId, walk }) => {
    const { kind = null, pages = null, startedAt = null } = parseUnfinishedWalk(walk) ?? {};
    return { monitorId, kind, pages, startedAt };
  });
}

async function loadErrors(
  tx: Transaction,
  limit: number,
  ofMonitors: SQL | undefined,
): Promise<readonly MonitorErrorRow[]> {
  const rows = await tx
    .select({
      monitorId: syncCheckpoints.monitorId,
      error: syncCheckpoints.lastError,
      at: syncCheckpoints.lastErrorAt,
      consecutiveFailures: syncCheckpoints.consecutiveFailures,
    })
    .from(syncCheckpoints)
    .where(and(gt(syncCheckpoints.consecutiveFailures, 0), ofMonitors))
    .orderBy(desc(syncCheckpoints.consecutiveFailures), syncCheckpoints.monitorId)
    .limit(limit);
  return rows.map((row) => ({ ...row, at: instantOf(row.at) }));
}
