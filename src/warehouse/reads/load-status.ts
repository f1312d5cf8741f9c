import { count, desc, gt, isNotNull, sql } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import { instantOf } from '../connection/instant.ts';
import { parseUnfinishedWalk } from '../cycle/stored-checkpoint.ts';
import { loadAttention, type Attention } from './load-attention.ts';
import { loadOpenRuns, type OpenRunRow } from './load-open-runs.ts';
import { isOpenRun, monitorRuns, monitors, rejectedRuns, syncCheckpoints, syncCycles } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';

export interface StatusLimits {
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
  /** Newest first. */
  readonly cycles: readonly CycleStatusRow[];
  /** Worst first: never walked, then failing, then by how far they are covered. */
  readonly freshness: readonly MonitorFreshness[];
  readonly unfinishedWalks: readonly UnfinishedWalkRow[];
  /** Oldest first. */
  readonly openRuns: readonly OpenRunRow[];
  readonly errors: readonly MonitorErrorRow[];
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

/** Reads everything at one moment of the warehouse. */
export function loadStatus(database: Database, limits: StatusLimits): Promise<WarehouseStatus> {
  return database.transaction(
    async (tx) => {
      return {
        attention: await loadAttention(tx, limits.monitors),
        totals: await loadTotals(tx, limits.stuckBefore),
        cycles: await loadCycles(tx, limits.cycles),
        freshness: await loadFreshness(tx, limits.monitors),
        unfinishedWalks: await loadUnfinishedWalks(tx, limits.monitors),
        openRuns: await loadOpenRuns(tx, { stuckBefore: limits.stuckBefore, limit: limits.openRuns }),
        errors: await loadErrors(tx, limits.monitors),
      };
    },
    { snapshot: true },
  );
}

async function loadTotals(tx: Transaction, stuckBefore: string): Promise<StatusTotals> {
  const [listed] = await tx.select({ all: count(), absent: count(monitors.absentSince) }).from(monitors);
  const [runs] = await tx.select({ all: count() }).from(monitorRuns);
  const [open] = await tx
    .select({
      all: count(),
      stuck: sql`count(*) filter (where created_at < ${stuckBefore}::timestamptz)`.mapWith(Number),
    })
    .from(monitorRuns)
    .where(isOpenRun);
  const [rejected] = await tx.select({ all: count() }).from(rejectedRuns);
  return {
    monitors: listed?.all ?? 0,
    absentMonitors: listed?.absent ?? 0,
    runs: runs?.all ?? 0,
    openRuns: open?.all ?? 0,
    stuckRuns: open?.stuck ?? 0,
    rejectedRuns: rejected?.all ?? 0,
  };
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

async function loadFreshness(tx: Transaction, limit: number): Promise<readonly MonitorFreshness[]> {
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
    where monitors.absent_since is null
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

async function loadUnfinishedWalks(tx: Transaction, limit: number): Promise<readonly UnfinishedWalkRow[]> {
  const rows = await tx
    .select({
      monitorId: syncCheckpoints.monitorId,
      walk: syncCheckpoints.unfinishedWalk,
    })
    .from(syncCheckpoints)
    .where(isNotNull(syncCheckpoints.unfinishedWalk))
    .orderBy(sql`${syncCheckpoints.unfinishedWalk} ->> 'startedAt'`, syncCheckpoints.monitorId)
    .limit(limit);
  return rows.map(({ monitorId, walk }) => {
    const { kind = null, pages = null, startedAt = null } = parseUnfinishedWalk(walk) ?? {};
    return { monitorId, kind, pages, startedAt };
  });
}

async function loadErrors(tx: Transaction, limit: number): Promise<readonly MonitorErrorRow[]> {
  const rows = await tx
    .select({
      monitorId: syncCheckpoints.monitorId,
      error: syncCheckpoints.lastError,
      at: syncCheckpoints.lastErrorAt,
      consecutiveFailures: syncCheckpoints.consecutiveFailures,
    })
    .from(syncCheckpoints)
    .where(gt(syncCheckpoints.consecutiveFailures, 0))
    .orderBy(desc(syncCheckpoints.consecutiveFailures), syncCheckpoints.monitorId)
    .limit(limit);
  return rows.map((row) => ({ ...row, at: instantOf(row.at) }));
}
