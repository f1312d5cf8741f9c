import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { readMigrationFiles, type MigrationMeta } from 'drizzle-orm/migrator';
import { z } from 'zod';
import { quoteIdentifier, type Database } from '../connection/database.ts';
import type { Transaction } from '../connection/transaction.ts';
import { loadShadowingObjects } from './others-objects.ts';
import { extendReadingRights } from './reading-rights.ts';

/** The record of what is applied, in Drizzle's format, beside the tables: two schemas of one database are apart. */
const journal = sql.identifier('schema_migrations');

const journalFile = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.number() })) });

/** One migration of this version: `tag` names its file, `when` (milliseconds) identifies it and is its place in the order. */
export interface Migration {
  readonly tag: string;
  readonly when: number;
}

/** The migrations that this version brings, in their order. */
function readMigrations(): readonly Migration[] {
  const content: unknown = JSON.parse(readFileSync(`${migrationsFolder()}/meta/_journal.json`, 'utf8'));
  return journalFile.parse(content).entries;
}

/**
 * Brings the warehouse's schema up to date, all pending migrations in one transaction. Any number of processes may do so
 * at once: an advisory lock of that transaction lets one of them work and the others find it done. A warehouse that is up
 * to date is only read, so that a role without the right to create can run the sync.
 *
 * Drizzle's own migrator is not used for applying: it takes no lock, skips in silence what is older than the newest
 * applied migration, and cannot run inside a transaction.
 * @returns the tags of the migrations that this call applied.
 * @throws also when the database has another encoding than UTF8.
 */
export async function migrateWarehouse(database: Database): Promise<readonly string[]> {
  if ((await loadPendingMigrations(database)).length === 0) return [];
  return database.transaction(async (tx) => {
    await requireUtf8(tx);
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('exa-monitor-sync migrations'))`);
    if (database.schema !== null) await ensureSchema(tx, database.schema);
    // Before anything asks for this table: a lookup by name (`to_regclass`) believes the cache of its connection, in
    // which there still is no such table when another process made it during the wait for the lock.
    await tx.execute(
      sql`create table if not exists ${journal} (id serial primary key, hash text not null, created_at bigint)`,
    );
    const pending = await missingIn(tx);
    const files = new Map(
      readMigrationFiles({ migrationsFolder: migrationsFolder() }).map((file) => [file.folderMillis, file]),
    );
    if (pending.length === 0) return [];
    await refuseShadowingObjects(tx);
    for (const { tag, when } of pending) await apply(tx, tag, files.get(when));
    // Once more for what somebody made meanwhile.
    await refuseShadowingObjects(tx);
    await extendReadingRights(tx);
    return pending.map(({ tag }) => tag);
  });
}

/** The migrations of this version that the warehouse lacks. */
export function loadPendingMigrations(database: Database): Promise<readonly Migration[]> {
  return database.transaction(pendingMigrations);
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

/** What a migration makes is bound to what it names when it is made: it must not be bound to what others have put there. */
async function refuseShadowingObjects(tx: Transaction): Promise<void> {
  const [first] = await loadShadowingObjects(tx);
  if (first === undefined) return;
  throw new Error(
    `${first} would run in place of Postgres' own: drop it, or give the warehouse a schema in which nobody else creates objects`,
  );
}

/** `create schema if not exists` would ask for the right to create schemas also where an administrator has made this one. */
async function ensureSchema(tx: Transaction, name: string): Promise<void> {
  const found = await tx.execute(sql`select from pg_namespace where nspname = ${name}`);
  if (found.length === 0) await tx.execute(sql.raw(`create schema ${quoteIdentifier(name)}`));
}

async function apply(tx: Transaction, tag: string, file: MigrationMeta | undefined): Promise<void> {
  if (file === undefined) throw new Error(`migration ${tag} has no file`);
  for (const statement of file.sql) await tx.execute(sql.raw(statement));
  await tx.execute(
    sql`insert into ${journal} (hash, created_at) values (${file.hash}, ${file.folderMillis})`,
  );
}

async function pendingMigrations(tx: Transaction): Promise<readonly Migration[]> {
  const [place] = await tx.execute<{ journal: string | null }>(
    sql`select to_regclass('schema_migrations')::text as journal`,
  );
  return place?.journal == null ? readMigrations() : missingIn(tx);
}

/** What the journal lacks. @throws when it has what this version does not know. */
async function missingIn(tx: Transaction): Promise<readonly Migration[]> {
  const applied = await tx.execute<{ when: string }>(sql`select created_at::text as when from ${journal}`);
  const known = readMigrations();
  const appliedWhens = new Set(applied.map(({ when }) => Number(when)));
  const knownWhens = new Set(known.map(({ when }) => when));
  if ([...appliedWhens].some((when) => !knownWhens.has(when))) {
    throw new Error(
      'this warehouse was migrated by a newer version of exa-monitor-sync: update this installation',
    );
  }
  return known.filter(({ when }) => !appliedWhens.has(when));
}

/** Beside `src` in a checkout, beside `dist` in an installed package. */
function migrationsFolder(): string {
  const folder = fileURLToPath(new URL('../../../migrations', import.meta.url));
  if (!existsSync(folder)) throw new Error(`the migrations are missing from this installation: ${folder}`);
  return folder;
}
