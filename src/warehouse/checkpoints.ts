import { sql, type SQL } from 'drizzle-orm';
import { instantOf } from './instant.ts';
import type { Checkpoint, RunState, UnfinishedWalk } from '../sync/model.ts';
import type { WalkProgress } from '../sync/ports.ts';
import { insertRecords } from './record-set.ts';
import { syncCheckpoints } from './schema.ts';
import type { Transaction } from './transaction.ts';

type Row = typeof syncCheckpoints.$inferSelect;
type NewRow = typeof syncCheckpoints.$inferInsert;
type Values = Omit<NewRow, 'monitorId'>;

/** All checkpoints by monitor id. */
export async function loadCheckpoints(tx: Transaction): Promise<ReadonlyMap<string, Checkpoint>> {
  const rows = await tx.select().from(syncCheckpoints);
  return new Map(rows.map((row) => [row.monitorId, checkpointOf(row)]));
}

/** Statements that write what pages of different monitors make of their checkpoints. */
export function progressStatements(
  pages: readonly { readonly monitorId: string; readonly progress: WalkProgress }[],
): readonly SQL[] {
  const finished: NewRow[] = [];
  const unfinished: NewRow[] = [];
  for (const { monitorId, progress } of pages) {
    if (progress.state === 'finished') finished.push({ monitorId, ...finishedValues(progress) });
    else unfinished.push({ monitorId, ...walkValues(progress.walk) });
  }
  return [finished, unfinished].flatMap((rows) => (rows.length === 0 ? [] : [upsertOf(rows)]));
}

/** `rows` all have the same columns. */
function upsertOf(rows: readonly NewRow[]): SQL {
  // Literals save the driver from asking the server for the types of parameters.
  return insertRecords(syncCheckpoints, rows, syncCheckpoints.monitorId).inlineParams();
}

/** Forgets where an unfinished walk stands. */
export async function forgetUnfinishedWalk(tx: Transaction, monitorId: string): Promise<void> {
  await tx.execute(upsertOf([{ monitorId, ...noWalk }]));
}

/** Counts one more failure in a row and keeps its reason; a finished walk clears both. */
export async function recordMonitorFailure(
  tx: Transaction,
  monitorId: string,
  reason: string,
): Promise<void> {
  await tx
    .insert(syncCheckpoints)
    .values({ monitorId, lastError: reason, lastErrorAt: sql`now()`, consecutiveFailures: 1 })
    .onConflictDoUpdate({
      target: syncCheckpoints.monitorId,
      set: {
        lastError: reason,
        lastErrorAt: sql`now()`,
        consecutiveFailures: sql`sync_checkpoints.consecutive_failures + 1`,
      },
    });
}

const noWalk = {
  walkKind: null,
  walkCursor: null,
  walkMark: null,
  walkStopAt: null,
  walkDescending: null,
  walkOldestCreatedAt: null,
  walkNewestRunId: null,
  walkNewestRunStatus: null,
  walkNewestRunCreatedAt: null,
  walkNewestRunUpdatedAt: null,
  walkPages: null,
  walkStartedAt: null,
} satisfies Values;

function walkValues(walk: UnfinishedWalk): Values {
  return {
    walkKind: walk.kind,
    walkCursor: walk.cursor,
    walkMark: walk.mark,
    walkStopAt: walk.stopAt,
    walkDescending: walk.descending,
    walkOldestCreatedAt: walk.oldestCreatedAt,
    walkNewestRunId: walk.newestRun?.id ?? null,
    walkNewestRunStatus: walk.newestRun?.status ?? null,
    walkNewestRunCreatedAt: walk.newestRun?.createdAt ?? null,
    walkNewestRunUpdatedAt: walk.newestRun?.updatedAt ?? null,
    walkPages: walk.pages,
    walkStartedAt: walk.startedAt,
  };
}

function finishedValues(finished: WalkProgress & { state: 'finished' }): Values {
  const { checkpoint, kind, stopReason, finishedAt } = finished;
  const { newestRun } = checkpoint;
  return {
    ...noWalk,
    syncedThrough: checkpoint.syncedThrough,
    lastFullWalkAt: checkpoint.lastFullWalkAt,
    newestRunId: newestRun?.id ?? null,
    newestRunStatus: newestRun?.status ?? null,
    newestRunCreatedAt: newestRun?.createdAt ?? null,
    newestRunUpdatedAt: newestRun?.updatedAt ?? null,
    nextRunAt: checkpoint.nextRunAt,
    lastWalkKind: kind,
    lastWalkAt: finishedAt,
    stopReason,
    lastError: null,
    lastErrorAt: null,
    consecutiveFailures: checkpoint.consecutiveFailures,
  };
}

function checkpointOf(row: Row): Checkpoint {
  return {
    monitorId: row.monitorId,
    syncedThrough: instantOf(row.syncedThrough),
    unfinishedWalk: unfinishedWalkOf(row),
    lastFullWalkAt: instantOf(row.lastFullWalkAt),
    newestRun: runStateOf(
      row.newestRunId,
      row.newestRunStatus,
      row.newestRunCreatedAt,
      row.newestRunUpdatedAt,
    ),
    nextRunAt: instantOf(row.nextRunAt),
    consecutiveFailures: row.consecutiveFailures,
  };
}

function unfinishedWalkOf(row: Row): UnfinishedWalk | null {
  if (row.walkKind === null || row.walkCursor === null || row.walkStartedAt === null) return null;
  return {
    kind: row.walkKind,
    cursor: row.walkCursor,
    mark: instantOf(row.walkMark),
    stopAt: instantOf(row.walkStopAt),
    descending: row.walkDescending ?? false,
    oldestCreatedAt: instantOf(row.walkOldestCreatedAt),
    newestRun: runStateOf(
      row.walkNewestRunId,
      row.walkNewestRunStatus,
      row.walkNewestRunCreatedAt,
      row.walkNewestRunUpdatedAt,
    ),
    pages: row.walkPages ?? 0,
    startedAt: instantOf(row.walkStartedAt),
  };
}

function runStateOf(
  id: string | null,
  status: string | null,
  createdAt: string | null,
  updatedAt: string | null,
): RunState | null {
  if (id === null || status === null || createdAt === null || updatedAt === null) return null;
  return { id, status, createdAt: instantOf(createdAt), updatedAt: instantOf(updatedAt) };
}
