import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { loadPendingMigrations, migrateWarehouse } from '../../src/warehouse/upkeep/migrate.ts';
import { runCommand } from '../cli/command-line.ts';
import { waitUntil } from '../embedded/data-directory.ts';
import { createTestDatabase } from '../postgres/database.ts';

test('a process that waited for another one finds the migrations done that were missing when it began', async () => {
  const { sql, url } = await createTestDatabase('empty');
  const database = openDatabase({ url, schema: null, maxConnections: 1 });
  onTestFinished(() => database.close());
  const migrations = await loadPendingMigrations(database);
  const other = await sql.reserve();
  await other`select pg_advisory_lock(hashtext('exa-monitor-sync migrations'))`;

  const waiting = migrateWarehouse(database);
  await waitUntil(async () => {
    const waits = await other`
      select from pg_locks join pg_database on pg_database.oid = pg_locks.database
      where datname = current_database() and locktype = 'advisory' and not granted`;
    return waits.length === 1;
  });
  // What the other process leaves behind, as far as this one looks at it.
  await other`
    create table schema_migrations (id serial primary key, hash text not null, created_at bigint)`;
  for (const { tag, when } of migrations) {
    await other`insert into schema_migrations (hash, created_at) values (${tag}, ${when})`;
  }
  await other`select pg_advisory_unlock(hashtext('exa-monitor-sync migrations'))`;
  other.release();

  expect(await waiting).toEqual([]);
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
