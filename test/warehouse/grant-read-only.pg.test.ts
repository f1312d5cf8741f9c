import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase, type Database } from '../../src/warehouse/connection/database.ts';
import { grantReadOnly } from '../../src/warehouse/upkeep/grant-read-only.ts';
import { migrateWarehouse } from '../../src/warehouse/upkeep/migrate.ts';
import { readerFunctionNames, relationNames, viewNames } from '../../src/warehouse/upkeep/relations.ts';
import { scramVerifier } from '../../src/warehouse/upkeep/scram-verifier.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

const password = "p'ass ẞ\\";

interface Arranged {
  readonly made: TestDatabase;
  readonly warehouse: Database;
  readonly role: string;
  /** Connects as the role. */
  readonly reader: () => postgres.Sql;
}

async function arrange(schema: string | null = null): Promise<Arranged> {
  const made = await createTestDatabase(schema === null ? 'migrated' : 'empty');
  const warehouse = openDatabase({ url: made.url, schema, maxConnections: 1 });
  if (schema !== null) await migrateWarehouse(warehouse);
  // Roles belong to the server, not to the database.
  const role = `BI "${randomBytes(4).toString('hex')}`;
  onTestFinished(async () => {
    await warehouse.close();
    await made.sql`drop owned by ${made.sql(role)}`.catch(() => undefined);
    await made.sql`drop role if exists ${made.sql(role)}`;
  });
  const reader = (): postgres.Sql => {
    const sql = postgres(made.url, { max: 1, username: role, password, onnotice: () => undefined });
    onTestFinished(() => sql.end({ timeout: 1 }));
    return sql;
  };
  return { made, warehouse, role, reader };
}

const denied = { code: '42501' };

/** What has a row also before the first cycle. */
const filledByMigrations = new Set(['sync_accounts', 'sync_freshness', 'sync_sources']);

describe('the read-only role', () => {
  it.each([null, 'my Exa'])('reads every table and view of the warehouse, in schema %s', async (schema) => {
    const { warehouse, role, reader } = await arrange(schema);
    expect(await grantReadOnly(warehouse, { role, password })).toMatchObject({ created: true });
    const sql = reader();
    for (const name of relationNames) {
      const rows = await sql`select * from ${sql(name)}`;
      expect({ name, rows: rows.length }).toEqual({ name, rows: filledByMigrations.has(name) ? 1 : 0 });
    }
    const reasons =
      await sql`select failure_reason_pattern('a 1'), failure_rate(1, 3) from failure_reasons_since(now())`;
    expect(reasons).toEqual([]);
  });

  it('reads the views also where nobody may call new functions', async () => {
    const made = await createTestDatabase('empty');
    await made.sql`alter default privileges revoke execute on functions from public`;
    const warehouse = openDatabase({ url: made.url, schema: null, maxConnections: 1 });
    await migrateWarehouse(warehouse);
    const role = `bi_${randomBytes(4).toString('hex')}`;
    const reader = postgres(made.url, { max: 1, username: role, password, onnotice: () => undefined });
    onTestFinished(async () => {
      await reader.end({ timeout: 1 });
      await warehouse.close();
      await made.sql`drop owned by ${made.sql(role)}`;
      await made.sql`drop role ${made.sql(role)}`;
    });
    await grantReadOnly(warehouse, { role, password });
    for (const name of relationNames) await reader`select * from ${reader(name)}`;
    for (const name of readerFunctionNames) {
      const [allowed] = await reader`
        select has_function_privilege(oid, 'execute') as allowed from pg_proc where proname = ${name}`;
      expect({ name, ...allowed }).toEqual({ name, allowed: true });
    }
    await made.sql`create function added_later() returns int language sql return 1`;
    expect(await reader`select added_later() as one`).toEqual([{ one: 1 }]);
    await expect(reader`select refresh_monitor_run_summaries('{}')`).rejects.toMatchObject(denied);
  });

  it('writes nothing, in no transaction that it asks for', async () => {
    const { made, warehouse, role, reader } = await arrange();
    await grantReadOnly(warehouse, { role, password });
    const sql = reader();
    await sql`set default_transaction_read_only to off`;
    const attempts = [
      `insert into monitors (id) values ('x')`,
      `update monitor_runs set status = 'completed'`,
      `delete from sync_cycles`,
      `truncate monitor_runs`,
      `select nextval('sync_cycles_id_seq')`,
      `select refresh_monitor_run_summaries('{x}')`,
      `create table mine (id int)`,
      `create view mine as select 1`,
      `create function mine() returns int language sql as 'select 1'`,
      `create schema mine`,
      `create role mine`,
      `drop view monitor_health`,
      `do $$ begin lock table monitors in exclusive mode; end $$`,
      ...viewNames.map((view) => `delete from ${view}`),
    ];
    for (const attempt of attempts) {
      const code = await sql.unsafe(attempt).then(
        () => 'allowed',
        (error: unknown) => (error instanceof postgres.PostgresError ? error.code : error),
      );
      // 55000: nobody may delete from a view that groups or joins.
      const isRefused = code === '42501' || code === '55000';
      expect({ attempt, code, isRefused }).toMatchObject({ isRefused: true });
    }
    expect(await made.sql`select from monitors`).toHaveLength(0);
  });

  it('reads nothing outside of the warehouse', async () => {
    const { made, warehouse, role, reader } = await arrange('exa');
    await made.sql`create table public.salaries (amount int)`;
    await made.sql`create table exa.salaries (amount int)`;
    await grantReadOnly(warehouse, { role, password });
    const sql = reader();
    await expect(sql`select * from public.salaries`).rejects.toMatchObject(denied);
    await expect(sql`select * from exa.salaries`).rejects.toMatchObject(denied);
    await expect(sql`select * from exa.schema_migrations`).rejects.toMatchObject(denied);
    await expect(sql`select pg_read_file('/etc/passwd')`).rejects.toMatchObject(denied);
  });

  it('reads views that are added later', async () => {
    const { warehouse, role, made, reader } = await arrange();
    await grantReadOnly(warehouse, { role, password });
    await made.sql`create view added_later as select 1 as one`;
    expect(await reader()`select one from added_later`).toEqual([{ one: 1 }]);
  });

  it('keeps its password when it is granted again without one, and loses what others granted', async () => {
    const { warehouse, role, made, reader } = await arrange();
    await grantReadOnly(warehouse, { role, password });
    await made.sql`grant all on monitors to ${made.sql(role)}`;
    expect(await grantReadOnly(warehouse, { role, password: null })).toMatchObject({ created: false });
    const sql = reader();
    await sql`set default_transaction_read_only to off`;
    await expect(sql`delete from monitors`).rejects.toMatchObject(denied);
  });

  it('has a password that never travels, in the form that the server itself would have given it', async () => {
    const { warehouse, role, made } = await arrange();
    const keptFor = async (name: string): Promise<string> => {
      const [row] = await made.sql<{ kept: string }[]>`
        select rolpassword as kept from pg_authid where rolname = ${name}`;
      return row?.kept ?? '';
    };
    await made.sql`create role ${made.sql(role)}`;
    await made.sql.unsafe(
      `alter role "${role.replaceAll('"', '""')}" password '${password.replaceAll("'", "''")}'`,
    );
    const ofServer = await keptFor(role);
    const salt = /:([^$]+)\$/.exec(ofServer)?.[1] ?? '';
    expect(scramVerifier(password, Buffer.from(salt, 'base64'))).toBe(ofServer);

    await grantReadOnly(warehouse, { role, password });
    expect(await keptFor(role)).toMatch(/^SCRAM-SHA-256\$4096:/);
    expect(await keptFor(role)).not.toBe(ofServer);
  });

  it('is never one that can do more', async () => {
    const { warehouse, made, role } = await arrange();
    const grant = (): Promise<unknown> => grantReadOnly(warehouse, { role, password });
    await made.sql`create role ${made.sql(role)} createdb`;
    await expect(grant()).rejects.toThrow(`role "${role}" has rights over the whole server`);
    await made.sql`alter role ${made.sql(role)} nocreatedb`;
    await made.sql`create schema own authorization ${made.sql(role)}`;
    await expect(grant()).rejects.toThrow('owns tables, schemas or databases');
    await made.sql`drop schema own`;
    await made.sql`grant pg_write_server_files to ${made.sql(role)}`;
    await expect(grant()).rejects.toThrow('has the rights of other roles');
    const [current] = await made.sql<{ self: string }[]>`select current_user as self`;
    const ours = { role: current?.self ?? '', password };
    await expect(grantReadOnly(warehouse, ours)).rejects.toThrow('the sync itself uses');
  });
});
