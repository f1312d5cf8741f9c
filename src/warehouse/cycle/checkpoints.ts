import { sql, type SQL } from 'drizzle-orm';
import type { UnfinishedWalk } from '../../sync/model.ts';
import type { WalkProgress } from '../../sync/ports.ts';
import { insertRecords } from '../runs/record-set.ts';
import { syncCheckpoints } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';

type NewRow = typeof syncCheckpoints.$inferInsert;
type Values = Omit<NewRow, 'monitorId'>;

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
