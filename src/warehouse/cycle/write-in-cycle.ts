import { sql } from 'drizzle-orm';
import { requireRunning } from './cycle-record.ts';
import type { Database } from '../connection/database.ts';
import { retryDeadlocks } from '../connection/retry-deadlocks.ts';
import type { Transaction } from '../connection/transaction.ts';

/**
 * What a cycle writes is flushed by the commit of its own record at the latest. A crash of the server before that takes
 * rows and checkpoints together, and the cycle's later writes and its close find the lock gone (docs/decisions/0008).
 */
const withoutFlush = 'set local synchronous_commit = off';

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
      const all = [
        tx.execute(sql.raw(withoutFlush)).execute(),
        requireRunning(tx, cycleId),
        work(tx),
      ] as const;
      try {
        return (await Promise.all(all))[2];
      } catch (error) {
        await Promise.allSettled(all);
        throw error;
      }
    }),
  );
}
