import { sql, type SQL } from 'drizzle-orm';
import type { WalkProgress } from '../../sync/ports.ts';
import { statements } from '../connection/statement.ts';
import { syncCheckpoints } from '../schema.ts';

type Row = Omit<typeof syncCheckpoints.$inferInsert, 'monitorId'>;
type Values = { readonly [Column in keyof Row]: Row[Column] | SQL };

/** What a page makes of its monitor's checkpoint. `isInDoubt`: whether the page itself has to be looked at again. */
export function progressStatement(monitorId: string, progress: WalkProgress, isInDoubt: () => SQL): SQL {
  if (progress.state === 'unfinished') return upsertOf(monitorId, { unfinishedWalk: progress.walk });
  const { checkpoint, kind, stopReason, finishedAt } = progress;
  return upsertOf(monitorId, {
    unfinishedWalk: null,
    syncedThrough: checkpoint.syncedThrough,
    lastFullWalkAt: checkpoint.lastFullWalkAt,
    newestRun: checkpoint.newestRun,
    nextRunAt: checkpoint.nextRunAt,
    listRose: checkpoint.rose,
    lookAgain: checkpoint.lookAgain ? true : isInDoubt(),
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

/** Forgets what is covered: the next walk is the first. */
export function forgetClaims(monitorId: string): SQL {
  return upsertOf(monitorId, {
    unfinishedWalk: null,
    syncedThrough: null,
    lastFullWalkAt: null,
    newestRun: null,
  });
}

/** Keeps which open runs the API answered 404 for once. */
export function saveNotFoundOnce(monitorId: string, runIds: readonly string[]): SQL {
  return upsertOf(monitorId, { notFoundOnce: runIds.length === 0 ? null : runIds });
}

/** Leaves it to the listing again whether the next cycle reads a monitor. */
export function forgetLookAgain(monitorId: string): SQL {
  return upsertOf(monitorId, { lookAgain: false });
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
    .onConflictDoUpdate({ target: syncCheckpoints.monitorId, set: withoutSecondLook(values) })
    .getSQL();
}

/** What is asked of the tables is asked once. */
function withoutSecondLook(values: Values): Values {
  return values.lookAgain === undefined ? values : { ...values, lookAgain: sql`excluded.look_again` };
}
