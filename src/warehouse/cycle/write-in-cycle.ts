import { sql, type SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import type { CopyIn } from '../connection/copy-in.ts';
import { requireRow, requireRunning, runningStatements } from './cycle-record.ts';
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

/**
 * Copies rows in a transaction of a cycle's writes, after the statements of `prologue`, which return nothing.
 * @throws CopyRefusedError; StopCycleError once another process has taken the cycle over.
 */
export function copyInCycle(
  database: Database,
  cycleId: number,
  { prologue, ...copy }: Omit<CopyIn, 'check' | 'prologue'> & { readonly prologue: readonly SQL[] },
): Promise<void> {
  return database.copyIn({
    ...copy,
    prologue: [withoutFlush, ...[...runningStatements(cycleId), ...prologue].map(inWords)],
    // The fence returns rows too.
    check: ([, running]) => requireRow(cycleId, running ?? []),
  });
}

const dialect = new PgDialect();

/** The statement with its parameters as literals. */
function inWords(statement: SQL): string {
  return dialect.sqlToQuery(statement.inlineParams()).sql;
}
