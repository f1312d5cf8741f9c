import { sql, type SQL } from 'drizzle-orm';
import postgres from 'postgres';
import { StopCycleError } from '../../sync/errors.ts';
import type { Returned } from '../connection/connection.ts';
import type { Database } from '../connection/database.ts';
import { retryDeadlocks } from '../connection/retry-deadlocks.ts';
import type { Transaction } from '../connection/transaction.ts';
import type { LockSession } from './cycle-lock.ts';

/**
 * Writes in one transaction, which is one round trip, and only while the cycle runs.
 * @returns the rows of each statement that returns rows.
 * @throws StopCycleError once another process has taken the cycle over, or the lock is lost.
 */
export type CycleWriter = (statements: readonly SQL[]) => Promise<Returned>;

/** What `require_running_cycle` raises. */
const cycleIsOver = 'EXA01';

/**
 * What a cycle writes is flushed by the commit of its own record at the latest. A crash of the server before that takes
 * rows and checkpoints together, and the cycle's later writes and its close find the lock gone (docs/decisions/0008).
 */
export function createCycleWriter(
  database: Database,
  cycleId: number,
  lock: LockSession,
  { flushed }: { readonly flushed: boolean } = { flushed: false },
): CycleWriter {
  const fence = requireRunning(cycleId, lock);
  return async (statements) => {
    const [, ...returned] = await whileRunning(() =>
      retryDeadlocks(() => database.send([fence, ...statements], { flushed })),
    );
    return returned;
  };
}

/** A transaction of a cycle's writes whose statements follow from what it reads. */
export type CycleTransaction = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;

export function createCycleTransaction(
  database: Database,
  cycleId: number,
  lock: LockSession,
): CycleTransaction {
  return (work) =>
    whileRunning(() =>
      retryDeadlocks(() =>
        database.transaction(async (tx) => {
          await tx.execute(sql`set local synchronous_commit = off`);
          await tx.execute(requireRunning(cycleId, lock));
          return work(tx);
        }),
      ),
    );
}

async function whileRunning<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof postgres.PostgresError && error.code === cycleIsOver
      ? new StopCycleError(error.message, { cause: error })
      : error;
  }
}

function requireRunning(cycleId: number, { pid, transaction }: LockSession): SQL {
  return sql`select require_running_cycle(${cycleId}, ${pid}, ${transaction})`;
}
