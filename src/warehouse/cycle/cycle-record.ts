import { and, desc, eq, inArray, sql, type SQL } from 'drizzle-orm';
import { StopCycleError } from '../../sync/errors.ts';
import type { CycleCounts, CycleOutcome, Trigger } from '../../sync/ports.ts';
import { aliveKey, fenceKey } from './advisory-locks.ts';
import { instantOf } from '../connection/instant.ts';
import { syncCycles, syncCycleSources } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';
import { sawAllMonitors } from './whole-cycle.ts';

/** Who runs a cycle. */
export interface CycleHost {
  readonly host: string;
  readonly pid: number;
}

/**
 * Starts a cycle's record; the caller holds the lock. Closing the records of dead processes waits for transactions that
 * they still have under way, which hold the fence, and lets no later one through.
 */
export async function startCycleRecord(
  tx: Transaction,
  trigger: Trigger,
  startedAt: string,
  { host, pid }: CycleHost,
): Promise<number> {
  await tx.execute(sql`select pg_advisory_xact_lock(${fenceKey})`);
  await tx
    .update(syncCycles)
    .set({
      status: 'interrupted',
      finishedAt: startedAt,
      error: 'its process ended without closing the cycle',
    })
    .where(eq(syncCycles.status, 'running'));
  const [record] = await tx
    .insert(syncCycles)
    .values({ status: 'running', trigger, startedAt, host, pid })
    .returning({ id: syncCycles.id });
  if (record === undefined) throw new Error('the database returned no id for the new cycle');
  return record.id;
}

/**
 * Statements that make the transaction belong to a running cycle; `isRunning` judges the rows of the second. Another
 * process that took the lock over has closed the record, and a write of ours would then land behind its back. The fence
 * is taken before the record is looked at, and held until the transaction ends. Unlike a lock on the record's row it
 * writes nothing: a transaction that finds nothing to change needs no WAL and no flush. The session of the lock must be
 * alive too: a server that crashed has forgotten it, and with it perhaps pages that this process takes for stored.
 */
function runningStatements(cycleId: number): readonly [fence: SQL, running: SQL] {
  return [
    sql`select pg_advisory_xact_lock_shared(${fenceKey})`,
    sql`select id from sync_cycles where id = ${cycleId} and status = 'running'
      and not pg_try_advisory_xact_lock_shared(${aliveKey(cycleId)})`,
  ];
}

/** @throws StopCycleError when the cycle is over: no row of it is running. */
function requireRow(cycleId: number, running: readonly unknown[]): void {
  if (running.length > 0) return;
  throw new StopCycleError(
    `cycle ${cycleId} is not running any more: another process has taken it over, or the database was restarted`,
  );
}

/**
 * Makes the transaction belong to a running cycle, or fails.
 * @throws StopCycleError
 */
export async function requireRunning(tx: Transaction, cycleId: number): Promise<void> {
  const [fence, running] = runningStatements(cycleId);
  await tx.execute(fence);
  requireRow(cycleId, await tx.execute(running));
}

export async function finishCycleRecord(
  tx: Transaction,
  cycleId: number,
  { status, traffic, error, sources, ...counts }: CycleOutcome,
  finishedAt: string,
): Promise<void> {
  await tx
    .update(syncCycles)
    .set({
      status,
      finishedAt,
      ...countColumns(counts),
      requests: traffic.requests,
      retries: traffic.retries,
      waits: traffic.waits,
      waitedSeconds: traffic.waitedMs / 1000,
      error,
    })
    .where(and(eq(syncCycles.id, cycleId), eq(syncCycles.status, 'running')));
  const rows = sources.map((outcome) => ({
    cycleId,
    sourceId: outcome.source.id,
    status: outcome.status,
    ...countColumns(outcome),
    requests: outcome.traffic.requests,
    retries: outcome.traffic.retries,
    error: outcome.error,
  }));
  if (rows.length > 0) await tx.insert(syncCycleSources).values(rows).onConflictDoNothing();
}

function countColumns({ monitors, runs }: CycleCounts) {
  return {
    monitorsSeen: monitors.seen,
    monitorsSkipped: monitors.skipped,
    monitorsWalked: monitors.walked,
    monitorsFailed: monitors.failed,
    runsInserted: runs.inserted,
    runsUpdated: runs.updated,
    runsUnchanged: runs.unchanged,
    runsRejected: runs.rejected,
  };
}

/** When the last cycle began that went through all its stages for all monitors. */
export async function loadPreviousCycleAt(tx: Transaction): Promise<string | null> {
  const [previous] = await tx
    .select({ startedAt: syncCycles.startedAt })
    .from(syncCycles)
    .where(and(inArray(syncCycles.status, ['succeeded', 'partial']), sawAllMonitors))
    .orderBy(desc(syncCycles.id))
    .limit(1);
  return previous === undefined ? null : instantOf(previous.startedAt);
}
