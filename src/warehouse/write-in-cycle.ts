import { requireRunning } from './cycle-record.ts';
import type { Database } from './database.ts';
import { retryDeadlocks } from './retry-deadlocks.ts';
import type { Transaction } from './transaction.ts';

/**
 * A transaction of a cycle's writes; done again when it lost a deadlock.
 * @throws StopCycleError once another process has taken the cycle over.
 */
export function writeInCycle<T>(
  database: Database,
  cycleId: number,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return retryDeadlocks(() =>
    database.transaction(async (tx) => {
      // Sent together: nothing is committed without both. The first error is the cause of the others, and all are
      // awaited, since a statement that is sent after the transaction has ended would run outside of it.
      const both = [requireRunning(tx, cycleId), work(tx)] as const;
      try {
        return (await Promise.all(both))[1];
      } catch (error) {
        await Promise.allSettled(both);
        throw error;
      }
    }),
  );
}
