import { sql } from 'drizzle-orm';
import type { Transaction } from '../connection/transaction.ts';
import type { Migration } from './migration-files.ts';

/** The record of what is applied, in Drizzle's format, beside the tables: two schemas of one database are apart. */
const journal = sql.identifier('schema_migrations');

/** How the migrations of this version and a warehouse differ. */
export interface MigrationState {
  /** Of this version, not applied. */
  readonly pending: readonly Migration[];
  /** Whether there are no tables at all. */
  readonly isEmpty: boolean;
  /** Whether the warehouse has been migrated by a newer version. */
  readonly isNewer: boolean;
}

export async function loadMigrationState(
  tx: Transaction,
  known: readonly Migration[],
): Promise<MigrationState> {
  const [place] = await tx.execute<{ journal: string | null }>(
    sql`select to_regclass('schema_migrations')::text as journal`,
  );
  if (place?.journal == null) return { pending: known, isEmpty: true, isNewer: false };
  const applied = await loadApplied(tx);
  const whens = new Set(known.map(({ when }) => when));
  return {
    pending: known.filter(({ when }) => !applied.has(when)),
    isEmpty: applied.size === 0,
    isNewer: [...applied].some((when) => !whens.has(when)),
  };
}

/** The `when` of each applied migration. */
export async function loadApplied(tx: Transaction): Promise<ReadonlySet<number>> {
  const rows = await tx.execute<{ when: string }>(sql`select created_at::text as when from ${journal}`);
  return new Set(rows.map(({ when }) => Number(when)));
}

export async function createJournal(tx: Transaction): Promise<void> {
  await tx.execute(
    sql`create table if not exists ${journal} (id serial primary key, hash text not null, created_at bigint)`,
  );
}

/**
 * Lets one process at a time migrate; the others wait. Readers don't, and a role that may only read cannot take it, as it
 * could an advisory lock.
 */
export async function lockJournal(tx: Transaction): Promise<void> {
  await tx.execute(sql`lock table ${journal} in share row exclusive mode`);
}

export async function recordMigration(tx: Transaction, { hash, when }: Migration): Promise<void> {
  await tx.execute(sql`insert into ${journal} (hash, created_at) values (${hash}, ${when})`);
}
