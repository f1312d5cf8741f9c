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

interface CycleStart extends CycleHost {
  readonly trigger: Trigger;
  readonly startedAt: string;
  /** It is to read all monitors of all sources. */
  readonly asksForAll: boolean;
}

/** The number of a new cycle, and whether it had to be set beyond those of stored answers. */
interface CycleNumber {
  readonly cycleId: number;
  readonly numbersRaised: boolean;
}

/**
 * Starts a cycle's record; the caller holds the lock. Closing the records of dead processes waits for writes that they
 * still have under way, which hold a weaker lock of the table (`require_running_cycle`), and lets no later one through.
 */
export async function startCycleRecord(
  tx: Transaction,
  { trigger, startedAt, asksForAll, host, pid }: CycleStart,
): Promise<CycleNumber> {
  await tx.execute(sql`lock table sync_cycles in exclusive mode`);
  await tx
    .update(syncCycles)
    .set({
      status: 'interrupted',
      finishedAt: startedAt,
      error: 'its process ended without closing the cycle',
    })
    .where(eq(syncCycles.status, 'running'));
  const number = await takeCycleNumber(tx);
  await tx
    .insert(syncCycles)
    .values({ id: number.cycleId, status: 'running', trigger, startedAt, host, pid, asksForAll });
  return number;
}

/** The number of the cycle that gave an answer its rank. */
const numberOf = (answer: SQL): SQL => sql`(${answer} / 4294967296)`;

/**
 * A number beyond that of every answer that is stored: numbers begin anew when the bookkeeping is truncated or the tables
 * are carried over without their sequences, and each later answer would count as an earlier one.
 */
async function takeCycleNumber(tx: Transaction): Promise<CycleNumber> {
  const [next] = await tx.execute<{ id: string }>(sql`select nextval('sync_cycles_id_seq')::text as id`);
  if (next === undefined) throw new Error('the database gave no number for the new cycle');
  const stored = await findStoredNumber(tx, next.id);
  if (stored === null || stored < Number(next.id)) return { cycleId: Number(next.id), numbersRaised: false };
  await tx.execute(sql`select setval('sync_cycles_id_seq', ${stored + 1}::bigint)`);
  return { cycleId: stored + 1, numbersRaised: true };
}

/**
 * The greatest number of a cycle that anything stored bears; null where the rows of cycles, and the newest run of each
 * monitor, say that it is below `next`: only otherwise all runs are looked at.
 */
export async function findStoredNumber(tx: Transaction, next: string): Promise<number | null> {
  const [known] = await tx.execute<{ is_below: boolean }>(sql`
    select exists (select from sync_cycles where id < ${next}::bigint)
      and not exists (select from sync_cycles where id >= ${next}::bigint)
      and not exists (
        select from monitor_run_summaries summary
        cross join lateral (select answer from monitor_runs where id = summary.last_run_id offset 0) newest
        where ${numberOf(sql`answer`)} >= ${next}::bigint
      ) as is_below`);
  if (known?.is_below === true) return null;
  const [stored] = await tx.execute<{ id: string | null }>(sql`
    select greatest((select max(id) from sync_cycles), (select max(cycle_id) from sync_cycle_sources),
      ${numberOf(sql`(select max(answer) from monitor_runs)`)},
      ${numberOf(sql`(select max(answer) from monitor_run_outputs)`)})::text as id`);
  return stored?.id == null ? null : Number(stored.id);
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
