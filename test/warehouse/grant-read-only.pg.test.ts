import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { assert, describe, expect, it, onTestFinished } from 'vitest';
import journal from '../../migrations/meta/_journal.json' with { type: 'json' };
import { openDatabase, type Database } from '../../src/warehouse/connection/database.ts';
import { grantReadOnly, RoleOfOthersError } from '../../src/warehouse/upkeep/grant-read-only.ts';
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

/** The migration whose statements may run a second time. */
const repeatable =
  journal.entries.find(({ tag }) => tag.endsWith('summaries_without_search_path'))?.when ?? 0;

async function rolesOf(sql: postgres.Sql): Promise<unknown> {
  return sql`
    select rolname, rolconnlimit, rolpassword, shobj_description(oid, 'pg_authid') as comment,
      (select array_agg(setconfig::text) from pg_db_role_setting where setrole = oid) as settings
    from pg_authid order by oid`;
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
    await expect(reader`select added_later() as one`).rejects.toMatchObject(denied);
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
    await expect(sql`select pg_read_file('/etc/passwd')`).rejects.toMatchObject(denied);
  });

  it('reads what a later migration brings, and nothing that others add', async () => {
    const { warehouse, role, made, reader } = await arrange();
    const stranger = `stranger_${role.slice(-9, -1)}`;
    await made.sql`create role ${made.sql(stranger)}`;
    await made.sql`grant select on monitors to ${made.sql(stranger)}`;
    onTestFinished(async () => {
      await made.sql`drop owned by ${made.sql(stranger)}`;
      await made.sql`drop role ${made.sql(stranger)}`;
    });
    await grantReadOnly(warehouse, { role, password });
    // As if one were older than the view, and a migration of the version since then not applied yet.
    await made.sql`revoke all on monitor_run_facts from ${made.sql(role)}`;
    await made.sql`delete from schema_migrations where created_at = ${repeatable}`;
    await made.sql`create view added_by_others as select 1 as one`;

    expect(await migrateWarehouse(warehouse)).toHaveLength(1);
    const sql = reader();
    expect(await sql`select from monitor_run_facts`).toEqual([]);
    await expect(sql`select * from added_by_others`).rejects.toMatchObject(denied);
    const [other] =
      await made.sql`select has_table_privilege(${stranger}, 'monitor_run_facts', 'select') as may`;
    expect(other).toEqual({ may: false });
  });

  it('is bounded in time and connections, and shares temporary tables with everybody or nobody', async () => {
    const { warehouse, role, made, reader } = await arrange();
    const { againstTemporaryTables } = await grantReadOnly(warehouse, { role, password });
    const sql = reader();
    expect(await sql`show statement_timeout`).toEqual([{ statement_timeout: '5min' }]);
    expect(await sql`select rolconnlimit as connections from pg_roles where rolname = current_user`).toEqual([
      { connections: 20 },
    ]);
    await sql`set default_transaction_read_only to off`;
    await sql`create temporary table mine ()`;
    await sql`drop table mine`;
    await made.sql.unsafe(againstTemporaryTables ?? '');
    await expect(sql`create temporary table more ()`).rejects.toMatchObject(denied);
    expect((await grantReadOnly(warehouse, { role, password })).againstTemporaryTables).toBe(null);
  });

  it('is taken over when it can do nothing yet, and is left alone when it is of others', async () => {
    const { warehouse, role, made, reader } = await arrange();
    await made.sql`create role ${made.sql(role)} login`;
    expect(await grantReadOnly(warehouse, { role, password })).toMatchObject({ created: false });
    expect(await reader()`select from monitors`).toEqual([]);

    const theirs = await arrange();
    const { sql } = theirs.made;
    await sql`create role ${sql(theirs.role)} login password 'theirs'`;
    await sql`create table theirs ()`;
    await sql`grant insert on theirs to ${sql(theirs.role)}`;
    const before = await rolesOf(sql);
    const refused: unknown = await grantReadOnly(theirs.warehouse, { role: theirs.role, password }).catch(
      (error: unknown) => error,
    );
    expect(await rolesOf(sql)).toEqual(before);
    assert(refused instanceof RoleOfOthersError);
    for (const statement of refused.statements) await sql.unsafe(statement);
    const other = postgres(theirs.made.url, { max: 1, username: theirs.role, password: 'theirs' });
    onTestFinished(() => other.end({ timeout: 1 }));
    expect(await other`select from monitor_health`).toEqual([]);
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
