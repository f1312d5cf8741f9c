import postgres from 'postgres';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase, type Database } from '../../src/warehouse/connection/database.ts';
import { migrateWarehouse } from '../../src/warehouse/upkeep/migrate.ts';
import { readMigrations, type Migration } from '../../src/warehouse/upkeep/migration-files.ts';
import { runCommand } from '../cli/command-line.ts';
import { waitUntil } from '../embedded/data-directory.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

const names = { first: 'add_a_column', second: 'index_it', third: 'add_another' };

/** What a later version might bring. */
function later(tag: string, place: number, ...statements: readonly string[]): Migration {
  return {
    tag,
    when: 4_000_000_000_000 + place,
    hash: tag,
    statements,
    isOutsideOfTransaction: statements.some((statement) => statement.includes('concurrently')),
  };
}

const addColumn = later(names.first, 1, 'alter table monitor_runs add column later_one text');
const buildIndex = later(
  names.second,
  2,
  'drop index concurrently if exists :"schema".later_idx',
  'create index concurrently later_idx on :"schema".monitor_runs (later_one)',
);
const addAnother = later(names.third, 3, 'alter table monitor_runs add column later_two text');
const migrations = [...readMigrations(), addColumn, buildIndex, addAnother];

/** Answers how often somebody waited. */
function countWaits(): { wait: () => Promise<unknown>; waits: () => number } {
  let waits = 0;
  return {
    // Whatever else is to be done gets its turn.
    wait: () => new Promise((resolve) => setImmediate(() => resolve((waits += 1)))),
    waits: () => waits,
  };
}

async function fill(sql: postgres.Sql, runs: number): Promise<void> {
  await sql`insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, answer)
    select 'r' || n, 'm' || n % 500, 'completed', 'search', now() - n * interval '1 minute', now(), 1
    from generate_series(1, ${runs}::integer) n`;
}

function open({ url }: TestDatabase, schema: string | null = null): Database {
  const database = openDatabase({ url, schema, maxConnections: 1 });
  onTestFinished(() => database.close());
  return database;
}

/** Sessions of the program that wait for somebody. */
function waiting(sql: postgres.Sql): postgres.PendingQuery<{ pid: number }[]> {
  return sql<{ pid: number }[]>`
    select distinct pid from pg_locks join pg_stat_activity using (pid)
    where datname = current_database() and not granted and application_name = 'exa-monitor-sync'`;
}

test('a process that waited for another one finds the migrations done that were missing when it began', async () => {
  const made = await createTestDatabase();
  const { sql } = made;
  const other = await sql.reserve();
  await other`begin`;
  await other`lock table schema_migrations in share row exclusive mode`;

  const migrating = migrateWarehouse(open(made), { migrations });
  await waitUntil(async () => (await waiting(sql)).length === 1);
  for (const { hash, when } of [addColumn, buildIndex, addAnother]) {
    await other`insert into schema_migrations (hash, created_at) values (${hash}, ${when})`;
  }
  await other`commit`;
  other.release();

  expect(await migrating).toEqual([]);
});

test('a role that may only read cannot keep others from migrating', async () => {
  const made = await createTestDatabase();
  const reader = await made.sql.reserve();
  await reader`begin`;
  await reader`lock table schema_migrations in access share mode`;
  await reader`select pg_advisory_xact_lock(hashtext('exa-monitor-sync migrations'))`;
  // Building an index concurrently waits for whoever looks at anything, but stops nobody meanwhile.
  const wanted = migrations.filter((migration) => migration !== buildIndex);
  expect(await migrateWarehouse(open(made), { migrations: wanted })).toEqual([names.first, names.third]);
  await reader`commit`;
  reader.release();
});

test('a filled warehouse is migrated while others read and write, and nobody waits long', async () => {
  const made = await createTestDatabase();
  const { sql } = made;
  await fill(sql, 50_000);
  // A dashboard that is in the middle of something.
  const slow = await sql.reserve();
  await slow`begin`;
  await slow`select count(*) from monitor_runs`;

  const lockTimeoutMs = 100;
  const { wait, waits } = countWaits();
  const longest = { reader: 0, writer: 0 };
  const migrating = { done: false };
  const measure = async (who: 'reader' | 'writer', act: () => Promise<unknown>): Promise<void> => {
    while (!migrating.done) {
      const began = performance.now();
      await act();
      longest[who] = Math.max(longest[who], performance.now() - began);
    }
  };
  let written = 0;
  const [applied] = await Promise.all([
    migrateWarehouse(open(made), { migrations, lockTimeoutMs, wait }).finally(() => (migrating.done = true)),
    measure('reader', () => sql`select * from monitor_health where monitor_id = 'm7'`),
    measure('writer', async () => {
      await sql`update monitor_runs set changed_at = now() where id = ${`r${(written += 1)}`}`;
      if (waits() === 5) await slow`commit`;
    }),
  ]);
  slow.release();

  expect(applied).toEqual(Object.values(names));
  expect(waits()).toBeGreaterThanOrEqual(5);
  // As long as a lock is waited for, twice for a busy machine, and what the statements take by themselves.
  expect(longest.reader).toBeLessThan(2000);
  expect(longest.writer).toBeLessThan(2000);
  const [index] = await sql`select indisvalid from pg_index where indexrelid = 'later_idx'::regclass`;
  expect(index).toEqual({ indisvalid: true });
});

test.each([
  ['waits for its lock', addColumn, 'lock table monitor_runs in access share mode', []],
  ['builds an index', buildIndex, 'lock table monitor_runs in row exclusive mode', [names.first]],
])('ended while it %s, it goes on there', async (_, migration, disturb, done) => {
  const made = await createTestDatabase();
  const { sql } = made;
  const other = await sql.reserve();
  if (migration === buildIndex)
    await migrateWarehouse(open(made), { migrations: [...readMigrations(), addColumn] });
  await other`begin`;
  await other.unsafe(disturb);
  const ended = migrateWarehouse(open(made), { migrations, lockTimeoutMs: 60_000 });
  await waitUntil(async () => (await waiting(sql)).length > 0);
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'exa-monitor-sync'`;
  await expect(ended).rejects.toThrow(/connection/i);
  await other`rollback`;
  other.release();

  const left = await sql<
    { hash: string }[]
  >`select hash from schema_migrations where created_at > 4000000000000`;
  expect(left.map(({ hash }) => hash)).toEqual(done);
  await migrateWarehouse(open(made), { migrations });
  const [index] = await sql`select indisvalid from pg_index where indexrelid = 'later_idx'::regclass`;
  expect(index).toEqual({ indisvalid: true });
});

test('eight processes at once apply each migration once, in whatever schema', async () => {
  const made = await createTestDatabase('empty');
  const applied = await Promise.all(
    Array.from({ length: 8 }, () => migrateWarehouse(open(made, 'My "runs"'), { migrations })),
  );
  expect(applied.flat().toSorted()).toEqual(migrations.map(({ tag }) => tag).toSorted());
});

test('a database that cannot hold all text is refused, and doctor says so', async () => {
  const { name, sql, url } = await createTestDatabase('empty');
  const latin = `${name}_latin`;
  await sql`create database ${sql(latin)} template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'`;
  onTestFinished(async () => {
    await sql`drop database ${sql(latin)} with (force)`;
  });
  const latinUrl = url.replace(name, latin);
  const database = openDatabase({ url: latinUrl, schema: null, maxConnections: 1 });
  onTestFinished(() => database.close());

  await expect(migrateWarehouse(database)).rejects.toThrow('the database has the encoding LATIN1');
  const environment = {
    DATABASE_URL: latinUrl,
    EXA_API_KEY: 'never-used',
    EXA_BASE_URL: 'http://127.0.0.1:1',
  };
  expect((await runCommand(['doctor'], { environment })).stdout).toContain('its encoding is LATIN1');
});
