import { sql } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import { quoteIdentifier } from '../connection/statement.ts';
import type { Transaction } from '../connection/transaction.ts';
import type { Migration } from './migration-files.ts';
import { loadApplied, lockJournal, recordMigration } from './migration-journal.ts';
import { loadShadowingObjects } from './others-objects.ts';
import { extendReadingRights } from './reading-rights.ts';

/**
 * Applies one migration in a transaction of its own, so that no lock is held for longer than it needs, or outside of one.
 * Whoever else wants to apply it waits and finds it done.
 * @param lockTimeoutMs how long it waits for a lock, and everybody behind it: then Postgres gives up.
 * @returns whether this call applied it.
 */
export async function applyMigration(
  database: Database,
  migration: Migration,
  lockTimeoutMs: number,
): Promise<boolean> {
  const apply = async (tx: Transaction): Promise<boolean> => {
    await lockJournal(tx);
    if ((await loadApplied(tx)).has(migration.when)) return false;
    await refuseShadowingObjects(tx);
    if (migration.isOutsideOfTransaction) {
      await applyOutside(database, tx, migration);
    } else {
      await tx.execute(sql.raw(`set local lock_timeout = ${lockTimeoutMs}`));
      for (const statement of migration.statements) await tx.execute(sql.raw(statement));
      // Once more for what somebody made meanwhile.
      await refuseShadowingObjects(tx);
    }
    await extendReadingRights(tx);
    await recordMigration(tx, migration);
    return true;
  };
  return database.transaction(apply, { unlimited: true });
}

/**
 * On a connection beside the transaction, which holds the journal's lock meanwhile. That one must not have a snapshot:
 * building an index concurrently waits for every older one. So nothing before this has parameters, which would leave the
 * snapshot of their statement to the session.
 */
async function applyOutside(database: Database, tx: Transaction, { statements }: Migration): Promise<void> {
  const [place] = await tx.execute<{ schema: string }>(sql`select current_schema() as schema`);
  const schema = quoteIdentifier(place?.schema ?? 'public');
  for (const statement of statements) await database.alone(statement.replaceAll(':"schema"', schema));
}

/** What a migration makes is bound to what it names when it is made: it must not be bound to what others have put there. */
async function refuseShadowingObjects(tx: Transaction): Promise<void> {
  const [first] = await loadShadowingObjects(tx);
  if (first === undefined) return;
  throw new Error(
    `${first} would run in place of Postgres' own: drop it, or give the warehouse a schema in which nobody else creates objects`,
  );
}
