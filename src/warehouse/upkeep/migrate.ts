import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import type { Database } from '../connection/database.ts';
import { quoteIdentifier } from '../connection/statement.ts';
import type { Transaction } from '../connection/transaction.ts';
import { applyMigration } from './apply-migration.ts';
import { readMigrations, type Migration } from './migration-files.ts';
import { createJournal, loadMigrationState, type MigrationState } from './migration-journal.ts';

export interface MigrateOptions {
  /** The migrations; those of this version by default. */
  readonly migrations?: readonly Migration[];
  /** How long a migration waits for a lock, and whoever comes after it with it, before it steps back. */
  readonly lockTimeoutMs?: number;
  /** Waits between two attempts; gets the number of attempts so far. */
  readonly wait?: (attempts: number) => Promise<unknown>;
}

/** A lock that did not come in time, and a deadlock: nothing was changed, and another time it will do. */
const lostLocks: ReadonlySet<string> = new Set(['55P03', '40P01']);
/** What `if not exists` answers when another process makes the same thing at the same moment. */
const madeMeanwhile: ReadonlySet<string> = new Set(['23505', '42P06', '42P07']);
const mostAttempts = 100;

/**
 * Brings the warehouse's schema up to date, each pending migration in a transaction of its own. It may be ended at any
 * moment and goes on there; any number of processes may do so at once. Readers and writers of the warehouse are held up
 * by a migration for its lock timeout at most, plus what the migration itself takes, which is to be little. A warehouse
 * that is up to date is only read, so that a role without the right to create can run the sync.
 *
 * Drizzle's own migrator is not used for applying: it takes no lock, skips in silence what is older than the newest
 * applied migration, and puts everything into one transaction.
 * @returns the tags of the migrations that this call applied.
 * @throws also when the database has another encoding than UTF8, or was migrated by a newer version.
 */
export async function migrateWarehouse(
  database: Database,
  { migrations = readMigrations(), lockTimeoutMs = 2000, wait = pauseABit }: MigrateOptions = {},
): Promise<readonly string[]> {
  const { pending, isNewer } = await findMigrationState(database, migrations);
  if (isNewer) throw new Error(`${newerVersion}: update this installation`);
  if (pending.length === 0) return [];
  await again(() => prepare(database), madeMeanwhile, wait);
  const applied: string[] = [];
  for (const migration of pending) {
    const isMine = await again(() => applyMigration(database, migration, lockTimeoutMs), lostLocks, wait);
    if (isMine) applied.push(migration.tag);
  }
  return applied;
}

/** How this version and a warehouse differ. */
export function findMigrationState(
  database: Database,
  migrations: readonly Migration[] = readMigrations(),
): Promise<MigrationState> {
  return database.transaction((tx) => loadMigrationState(tx, migrations));
}

/** For messages. */
export const newerVersion = 'this warehouse was migrated by a newer version of exa-monitor-sync';

function prepare(database: Database): Promise<void> {
  return database.transaction(async (tx) => {
    await requireUtf8(tx);
    if (database.schema !== null) await ensureSchema(tx, database.schema);
    await createJournal(tx);
  });
}

async function again<T>(
  work: () => Promise<T>,
  passing: ReadonlySet<string>,
  wait: (attempts: number) => Promise<unknown>,
): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await work();
    } catch (error) {
      const passes = error instanceof postgres.PostgresError && passing.has(error.code);
      if (!passes || attempts === mostAttempts) throw error;
      await wait(attempts);
    }
  }
}

/** Up to five seconds, so that what waited behind the migration gets its turn; not at the same moments as other processes. */
function pauseABit(attempts: number): Promise<unknown> {
  return pause(Math.min(attempts * 250, 5000) * (0.5 + Math.random() / 2));
}

/** In any other encoding the first character that it lacks would fail a page, and with it each cycle from then on. */
async function requireUtf8(tx: Transaction): Promise<void> {
  const [{ encoding } = { encoding: '' }] = await tx.execute<{ encoding: string }>(
    sql`select current_setting('server_encoding') as encoding`,
  );
  if (encoding === 'UTF8') return;
  throw new Error(
    `the database has the encoding ${encoding}, which cannot hold all text: use one with the encoding UTF8`,
  );
}

/** `create schema if not exists` would ask for the right to create schemas also where an administrator has made this one. */
async function ensureSchema(tx: Transaction, name: string): Promise<void> {
  const found = await tx.execute(sql`select from pg_namespace where nspname = ${name}`);
  if (found.length === 0) await tx.execute(sql.raw(`create schema ${quoteIdentifier(name)}`));
}
