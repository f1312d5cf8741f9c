import { and, desc, eq, inArray, sql, type SQL } from 'drizzle-orm';
import type { CycleCounts, CycleOutcome, Trigger } from '../../sync/ports.ts';
import { instantOf } from '../connection/instant.ts';
import { statements } from '../connection/statement.ts';
import { syncCycles, syncCycleSources } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';

/** Who runs a cycle. */
export interface CycleHost {
  readonly host: string;
  readonly pid: number;
}

/**
 * Starts a cycle's record; the caller holds the lock. Closing the records of dead processes waits for writes that they
 * still have under way, which hold a weaker lock of the table (`require_running_cycle`), and lets no later one through.
 */
export async function startCycleRecord(
  tx: Transaction,
  trigger: Trigger,
  startedAt: string,
  { host, pid }: CycleHost,
): Promise<number> {
  await tx.execute(sql`lock table sync_cycles in exclusive mode`);
  await tx
    .update(syncCycles)
    .set({
      status: 'interrupted',
      finishedAt: startedAt,
      error: 'its process ended without closing the cycle',
    })
    .where(eq(syncCycles.status, 'running'));
  const id = await takeCycleNumber(tx);
  await tx.insert(syncCycles).values({ id, status: 'running', trigger, startedAt, host, pid });
  return id;
}

/**
 * A number beyond that of every answer that is stored: numbers begin anew when the bookkeeping is truncated or the tables
 * are carried over without their sequences, and each later answer would count as an earlier one. The rows of cycles tell
 * whether that may be: only then all runs are looked at, once.
 */
async function takeCycleNumber(tx: Transaction): Promise<number> {
  const [next] = await tx.execute<{ id: string; is_certain: boolean }>(sql`
    select next.id::text, exists (select from sync_cycles where sync_cycles.id < next.id)
      and not exists (select from sync_cycles where sync_cycles.id >= next.id) as is_certain
    from (select nextval('sync_cycles_id_seq') as id offset 0) next`);
  if (next === undefined) throw new Error('the database gave no number for the new cycle');
  if (next.is_certain) return Number(next.id);
  const [beyond] = await tx.execute<{ id: string }>(sql`
    select setval('sync_cycles_id_seq', greatest(${next.id}::bigint,
      (select max(id) + 1 from sync_cycles),
      (select max(answer) / 4294967296 + 1 from monitor_runs),
      (select max(answer) / 4294967296 + 1 from monitor_run_outputs)))::text as id`);
  return Number(beyond?.id ?? next.id);
}

export function finishCycleRecord(
  cycleId: number,
  { status, traffic, error, sources, ...counts }: CycleOutcome,
  finishedAt: string,
): readonly SQL[] {
  const cycle = statements
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
  if (rows.length === 0) return [cycle.getSQL()];
  return [cycle.getSQL(), statements.insert(syncCycleSources).values(rows).onConflictDoNothing().getSQL()];
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

/** When the last cycle began in which a source went through all its stages for all its monitors. */
export async function loadPreviousCycleAt(tx: Transaction, sourceId: number): Promise<string | null> {
  const [previous] = await tx
    .select({ startedAt: syncCycles.startedAt })
    .from(syncCycles)
    .innerJoin(syncCycleSources, eq(syncCycleSources.cycleId, syncCycles.id))
    .where(
      and(
        eq(syncCycleSources.sourceId, sourceId),
        inArray(syncCycleSources.status, ['succeeded', 'partial']),
        inArray(syncCycles.status, ['succeeded', 'partial']),
        sql`${syncCycleSources.monitorsSeen} >= (
          select count(*) from monitors
          where source_id = ${sourceId} and first_synced_at <= ${syncCycles.finishedAt}
            and (absent_since is null or absent_since > ${syncCycles.finishedAt}))`,
      ),
    )
    .orderBy(desc(syncCycles.id))
    .limit(1);
  return previous === undefined ? null : instantOf(previous.startedAt);
}
