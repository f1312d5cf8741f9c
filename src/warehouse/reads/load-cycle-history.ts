import { and, desc, eq, inArray } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import { instantOf } from '../connection/instant.ts';
import { syncCycles } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';
import { sawAllMonitors } from '../cycle/whole-cycle.ts';

/** What earlier cycles tell a service that starts. Instants are RFC 3339. */
export interface StoredCycleHistory {
  /** When the last cycle began that went through all its stages for all monitors. */
  readonly lastCompleteAt: string | null;
  /** Scheduled cycles that failed after the last scheduled one that did not; interrupted ones do not count. */
  readonly failedInARow: number;
  readonly lastFailedAt: string | null;
  /** The last scheduled cycle that its own process closed; 0: none. */
  readonly lastClosedCycleId: number;
}

/** Failures are counted up to here: more of them change nothing. */
const longestStreak = 1000;

export function loadCycleHistory(database: Database): Promise<StoredCycleHistory> {
  return database.transaction(async (tx) => {
    const [complete] = await tx
      .select({ startedAt: syncCycles.startedAt })
      .from(syncCycles)
      .where(and(inArray(syncCycles.status, ['succeeded', 'partial']), sawAllMonitors))
      .orderBy(desc(syncCycles.id))
      .limit(1);
    const scheduled = await loadScheduledCycles(tx);
    const closed = scheduled.filter(({ status }) => status !== 'interrupted' && status !== 'running');
    const streakEnd = closed.findIndex(({ status }) => status !== 'failed');
    const failedInARow = streakEnd === -1 ? closed.length : streakEnd;
    const [newest] = closed;
    const lastFailedAt = failedInARow > 0 && newest !== undefined ? newest.finishedAt : null;
    return {
      lastCompleteAt: complete === undefined ? null : instantOf(complete.startedAt),
      failedInARow,
      lastFailedAt: instantOf(lastFailedAt),
      lastClosedCycleId: newest?.id ?? 0,
    };
  });
}

async function loadScheduledCycles(tx: Transaction) {
  return tx
    .select({ id: syncCycles.id, status: syncCycles.status, finishedAt: syncCycles.finishedAt })
    .from(syncCycles)
    .where(eq(syncCycles.trigger, 'schedule'))
    .orderBy(desc(syncCycles.id))
    .limit(longestStreak);
}
