import { and, desc, eq, inArray } from 'drizzle-orm';
import type { Trigger } from '../../sync/ports.ts';
import type { Database } from '../connection/database.ts';
import { instantOf } from '../connection/instant.ts';
import { syncCycles } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';
import { sawAllMonitors } from '../cycle/whole-cycle.ts';

/** What earlier cycles of one trigger tell whoever starts the next. Instants are RFC 3339. */
export interface StoredCycleHistory {
  /** When the last cycle began that went through all its stages for all monitors. */
  readonly lastCompleteAt: string | null;
  /** Cycles that failed after the last one that did not; interrupted ones do not count. */
  readonly failedInARow: number;
  readonly lastFailedAt: string | null;
  /** The last cycle that its own process closed; 0: none. */
  readonly lastClosedCycleId: number;
}

/** Failures are counted up to here: more of them change nothing. */
const longestStreak = 1000;

export function loadCycleHistory(database: Database, trigger: Trigger): Promise<StoredCycleHistory> {
  return database.transaction(async (tx) => {
    const [complete] = await tx
      .select({ startedAt: syncCycles.startedAt })
      .from(syncCycles)
      .where(and(inArray(syncCycles.status, ['succeeded', 'partial']), sawAllMonitors))
      .orderBy(desc(syncCycles.id))
      .limit(1);
    const started = await loadCyclesOf(tx, trigger);
    const closed = started.filter(({ status }) => status !== 'interrupted' && status !== 'running');
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

async function loadCyclesOf(tx: Transaction, trigger: Trigger) {
  return tx
    .select({ id: syncCycles.id, status: syncCycles.status, finishedAt: syncCycles.finishedAt })
    .from(syncCycles)
    .where(eq(syncCycles.trigger, trigger))
    .orderBy(desc(syncCycles.id))
    .limit(longestStreak);
}
