import { sql, type SQL } from 'drizzle-orm';
import type { WalkProgress } from '../../sync/ports.ts';
import { statements } from '../connection/statement.ts';
import { syncCheckpoints } from '../schema.ts';

type Values = Omit<typeof syncCheckpoints.$inferInsert, 'monitorId'>;

/** What a page makes of its monitor's checkpoint. */
export function progressStatement(monitorId: string, progress: WalkProgress): SQL {
  if (progress.state === 'unfinished') return upsertOf(monitorId, { unfinishedWalk: progress.walk });
  const { checkpoint, kind, stopReason, finishedAt } = progress;
  return upsertOf(monitorId, {
    unfinishedWalk: null,
    syncedThrough: checkpoint.syncedThrough,
    lastFullWalkAt: checkpoint.lastFullWalkAt,
    newestRun: checkpoint.newestRun,
    nextRunAt: checkpoint.nextRunAt,
    listRose: checkpoint.rose,
    lookAgain: checkpoint.lookAgain,
    lastWalkKind: kind,
    lastWalkAt: finishedAt,
    stopReason,
    lastError: null,
    lastErrorAt: null,
    consecutiveFailures: checkpoint.consecutiveFailures,
  });
}

/** Forgets where an unfinished walk stands. */
export function forgetUnfinishedWalk(monitorId: string): SQL {
  return upsertOf(monitorId, { unfinishedWalk: null });
}

/** Keeps which open runs the API answered 404 for once. */
export function saveNotFoundOnce(monitorId: string, runIds: readonly string[]): SQL {
  return upsertOf(monitorId, { notFoundOnce: runIds.length === 0 ? null : runIds });
}

/** Makes the next cycle read a monitor whatever the listing shows. */
export function lookAgain(monitorId: string): SQL {
  return upsertOf(monitorId, { lookAgain: true });
}

/** Counts one more failure in a row and keeps its reason; a finished walk clears both. */
export function recordMonitorFailure(monitorId: string, reason: string): SQL {
  return statements
    .insert(syncCheckpoints)
    .values({ monitorId, lastError: reason, lastErrorAt: sql`now()`, consecutiveFailures: 1 })
    .onConflictDoUpdate({
      target: syncCheckpoints.monitorId,
      set: {
        lastError: reason,
        lastErrorAt: sql`now()`,
        consecutiveFailures: sql`sync_checkpoints.consecutive_failures + 1`,
      },
    })
    .getSQL();
}

function upsertOf(monitorId: string, values: Values): SQL {
  return statements
    .insert(syncCheckpoints)
    .values({ monitorId, ...values })
    .onConflictDoUpdate({ target: syncCheckpoints.monitorId, set: values })
    .getSQL();
}
