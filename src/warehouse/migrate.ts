import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import { z } from 'zod';
import { quoteIdentifier, type Database, type Transaction } from './database.ts';

/** Drizzle's record of what is applied. It lies beside the tables, so that two schemas of one database are apart. */
const journalTable = 'schema_migrations';

const journalSchema = z.object({ entries: z.array(z.object({ tag: z.string(), when: z.number() })) });

/** One migration of this version: `tag` names its file, `when` is its place in the order (milliseconds). */
export interface Migration {
  readonly tag: string;
  readonly when: number;
}

/** The migrations that this version brings, in their order. */
export function readMigrations(): readonly Migration[] {
  const journal: unknown = JSON.parse(readFileSync(`${migrationsFolder()}/meta/_journal.json`, 'utf8'));
  return journalSchema.parse(journal).entries;
}

/**
 * Brings the warehouse's schema up to date. Any number of processes may do so at once: an advisory lock of the
 * transaction lets one of them work and the others find it done (Drizzle's migrator takes no lock of its own). A
 * warehouse that is up to date is only read, so that a role without the right to create can run the sync.
 * @returns the tags of the migrations that this call applied.
 */
export async function migrateWarehouse(database: Database): Promise<readonly string[]> {
  if ((await loadPendingMigrations(database)).length === 0) return [];
  return database.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('exa-monitor-sync migrations'))`);
    if (database.schema !== null) {
      await tx.execute(sql.raw(`create schema if not exists ${quoteIdentifier(database.schema)}`));
    }
    const schema = await currentSchema(tx);
    const pending = await pendingMigrations(tx);
    if (pending.length > 0) {
      await migrate(tx, {
        migrationsFolder: migrationsFolder(),
        migrationsSchema: schema,
        migrationsTable: journalTable,
      });
    }
    return pending.map(({ tag }) => tag);
  });
}

/** The migrations of this version that the warehouse lacks. */
export function loadPendingMigrations(database: Database): Promise<readonly Migration[]> {
  return database.transaction(pendingMigrations);
}

async function pendingMigrations(tx: Transaction): Promise<readonly Migration[]> {
  const [found] = await tx.execute<{ exists: boolean }>(
    sql`select to_regclass(${journalTable}) is not null as exists`,
  );
  if (found?.exists !== true) return readMigrations();
  const [newest] = await tx.execute<{ newest: string | null }>(
    sql`select max(created_at)::text as newest from ${sql.identifier(journalTable)}`,
  );
  const appliedThrough = newest?.newest == null ? Number.NEGATIVE_INFINITY : Number(newest.newest);
  return readMigrations().filter(({ when }) => when > appliedThrough);
}

async function currentSchema(tx: Transaction): Promise<string> {
  const [row] = await tx.execute<{ schema: string | null }>(sql`select current_schema() as schema`);
  if (row?.schema == null) {
    throw new Error('the search_path of this database role names no schema that exists: set DATABASE_SCHEMA');
  }
  return row.schema;
}

/** Beside `src` in a checkout, beside `dist` in an installed package. */
function migrationsFolder(): string {
  const folder = fileURLToPath(new URL('../../migrations', import.meta.url));
  if (!existsSync(folder)) throw new Error(`the migrations are missing from this installation: ${folder}`);
  return folder;
}
