import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { grantReadOnly } from '../../src/warehouse/upkeep/grant-read-only.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import type { EmbeddedPostgres } from '../../src/embedded/use-embedded-postgres.ts';
import { migrateTemplate } from '../postgres/migrate-template.ts';
import { createTester } from '../postgres/tester.ts';
import {
  connectAsOwner,
  createDataDirectory,
  dataDirectoryOfTest,
  removeDataDirectory,
  use,
} from './data-directory.ts';

// Each test makes a cluster and starts servers: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 90_000 });

let directory: string;

beforeAll(async () => {
  directory = await createDataDirectory();
});

afterAll(async () => {
  await removeDataDirectory(directory);
});

function connect(url: string): postgres.Sql {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  onTestFinished(() => sql.end());
  return sql;
}

async function grantTables(server: EmbeddedPostgres): Promise<void> {
  const url = await createTester(server);
  await migrateTemplate(url);
  const database = openDatabase({ url, schema: null, maxConnections: 1 });
  await grantReadOnly(database, { role: new URL(server.readerUrl).username, password: null });
  await database.close();
}

test('the reader reads what it is granted, and can neither write nor start a program', async () => {
  const server = await use(directory);
  await grantTables(server);
  const sql = connect(server.readerUrl);

  expect(await sql`select count(*)::int from monitor_runs`).toEqual([{ count: 0 }]);
  expect(await sql`select from failure_rates_daily`).toHaveLength(0);
  await expect(sql`create temporary table t (a int)`).rejects.toMatchObject({ code: '25006' });
  await sql`set default_transaction_read_only to off`;
  for (const attempt of [
    `copy pg_temp.t from program 'true'`,
    `copy monitor_runs from program 'true'`,
    `copy (select 1) to program 'true'`,
    `copy (select 1) to '/dev/null'`,
    `insert into rejected_runs (monitor_id, run_key, reason, payload) values ('m', 'r', 'x', '{}')`,
    `create table public.t (a int)`,
    `create temporary table t (a int)`,
    `create schema s`,
    `create role other`,
    `select lo_create(0)`,
    `select lo_from_bytea(0, 'x')`,
    `select pg_read_file('/etc/passwd')`,
    `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'exa'`,
    `set role exa`,
  ]) {
    await expect(sql.unsafe(attempt), attempt).rejects.toMatchObject({
      code: expect.stringMatching(/^(42501|22023|42P01|3F000)$/),
    });
  }
});

test('the reader cannot get at the lock that says who uses the server', async () => {
  const server = await use(directory);
  for (const database of ['postgres', 'template1']) {
    const url = new URL(server.readerUrl);
    url.pathname = database;
    await expect(connect(url.href)`select 1`).rejects.toMatchObject({ code: '42501' });
  }
});

test('the reader keeps its password, and several commands make it once', async () => {
  const own = await dataDirectoryOfTest();
  const maker = await use(own);
  await rm(join(own, 'cluster', 'reader-password'));
  const first = await Promise.all([use(own), use(own), use(own), use(own)]);
  const passwords = new Set(first.map(({ readerUrl }) => new URL(readerUrl).password));
  expect(passwords.size).toBe(1);
  await Promise.all([maker, ...first].map(({ release }) => release()));

  const later = await use(own);
  expect(passwords).toContain(new URL(later.readerUrl).password);
  expect(await connect(later.readerUrl)`select current_user as user`).toEqual([{ user: 'exa_reader' }]);
});

test('a cluster of an earlier version, or one whose file is lost, gets its reader with the next command', async () => {
  const own = await dataDirectoryOfTest();
  const first = await use(own);
  await grantTables(first);
  const admin = connectAsOwner(first);
  await admin`drop owned by exa_reader`;
  await admin`drop role exa_reader`;
  await admin`grant connect, temporary on database postgres to public`;
  await rm(join(own, 'cluster', 'reader-password'));
  await admin.end();
  await first.release();

  const second = await use(own);
  await grantTables(second);
  expect(await connect(second.readerUrl)`select from monitor_runs`).toHaveLength(0);
  await rm(join(own, 'cluster', 'reader-password'));
  const third = await use(own);
  expect(third.readerUrl).not.toBe(second.readerUrl);
  expect(await connect(third.readerUrl)`select from monitor_runs`).toHaveLength(0);
  await expect(connect(second.readerUrl)`select 1`).rejects.toMatchObject({ code: '28P01' });
});
