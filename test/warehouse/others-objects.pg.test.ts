import { randomBytes } from 'node:crypto';
import type { Sql } from 'postgres';
import { expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { createCycleStore } from '../../src/warehouse/cycle/cycle-store.ts';
import { migrateWarehouse } from '../../src/warehouse/upkeep/migrate.ts';
import { viewNames } from '../../src/warehouse/upkeep/relations.ts';
import { someMonitor } from '../builders/some-monitor.ts';
import { someRun } from '../builders/some-run.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { outcomeOf, pageOf, someInstant, websets } from './pages.ts';

const types = ['text', 'integer', 'bigint', 'date', 'timestamptz', 'integer[]', 'text[]'];
const operators = ['=', '<>', '<', '<=', '>', '>=', '+', '-', '%'];

/**
 * Where everybody may create objects in the schema of the tables, as in `public` until Postgres 14: operators and
 * functions of another role, each a better match for its types than what Postgres brings, that count their calls.
 * @param twins also such as Postgres brings itself, which run only where a search path names its schema last.
 */
async function letOthersCreate({ sql, name }: TestDatabase, twins = false): Promise<() => Promise<number>> {
  const role = `mallory_${randomBytes(4).toString('hex')}`;
  await sql`create role ${sql(role)}`;
  await sql`grant create on schema public to ${sql(role)}`;
  await sql`create schema loot authorization ${sql(role)}`;
  onTestFinished(async () => {
    await sql`drop owned by ${sql(role)} cascade`;
    await sql`drop role ${sql(role)}`;
  });
  await sql.unsafe(`alter database "${name}" set search_path = public${twins ? ', pg_catalog' : ''}`);
  await sql.begin(async (tx) => {
    await tx`set local role ${tx(role)}`;
    await tx`create sequence loot.calls minvalue 0 start 0`;
    await tx`grant usage, update on sequence loot.calls to public`;
    await tx`grant usage on schema loot to public`;
    const body = `as $$ begin perform nextval('loot.calls'); return null; end $$`;
    for (const [index, left] of types.entries()) {
      for (const right of types) {
        await tx.unsafe(
          `create function public.stolen_${index}(${left}, ${right}) returns boolean language plpgsql ${body}`,
        );
        for (const operator of operators) {
          await tx.unsafe(
            `do $$ begin
              if ${twins} or to_regoperator('pg_catalog.${operator}(${left}, ${right})') is null then
                create operator public.${operator} (function = public.stolen_${index}, leftarg = ${left}, rightarg = ${right});
              end if;
            end $$`,
          );
        }
      }
      for (const called of ['unnest', 'array_agg', 'utc_day', 'refresh_monitor_run_summaries']) {
        await tx.unsafe(
          `do $$ begin
            if to_regprocedure('public.${called}(${left})') is null then
              execute 'create function public.${called}(${left}) returns ${left} language plpgsql ${body.replaceAll("'", "''").replaceAll('$$', '$body$')}';
            end if;
          end $$`,
        );
      }
    }
  });
  return async () => {
    const [row] = await sql<
      { calls: string; is_called: boolean }[]
    >`select last_value as calls, is_called from loot.calls`;
    return row?.is_called === true ? Number(row.calls) + 1 : 0;
  };
}

async function writeRuns(sql: Sql, day: number): Promise<void> {
  await sql`insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, answer)
    select 'r' || ${day}::text, 'm', 'failed', 'search', now(), now(), 1::bigint`;
  await sql`update monitor_runs set status = 'completed' where id = 'r1'::text`;
  await sql`delete from monitor_runs where id = 'r2'::text`;
}

it('nothing that others make in the schema of the tables runs with the rights of a writer or a reader', async () => {
  const database = await createTestDatabase();
  const calls = await letOthersCreate(database);
  const { sql } = database;
  for (const day of [1, 2, 3]) await writeRuns(sql, day);
  for (const view of viewNames) await sql`select * from ${sql(view)}`;
  await sql`select * from failure_reasons_since(now())`;
  await sql`truncate monitor_runs`;
  expect(await calls()).toBe(0);
});

it('a search path that names the schema of Postgres last finds nothing of others, in a cycle and in its fence', async () => {
  const database = await createTestDatabase();
  const calls = await letOthersCreate(database, true);
  const where = { url: database.url, schema: null, maxConnections: 3 };
  const opened = openDatabase(where);
  onTestFinished(() => opened.close());
  const store = createCycleStore(opened, where, { host: 'test', pid: 1 });
  const cycle = await store.openCycle('manual', someInstant);
  const source = cycle.source(websets.id);
  await source.saveMonitors([someMonitor()]);
  await source.savePage(pageOf([someRun()]));
  await cycle.close(outcomeOf('succeeded'), someInstant);
  await store.loadMonitorStates(websets.id);
  expect(await calls()).toBe(0);

  await database.sql.begin(async (tx) => {
    await tx`set local search_path = public, pg_catalog`;
    await expect(tx.savepoint((inner) => inner`select require_running_cycle(1, 1, '1/1')`)).rejects.toThrow(
      'cycle 1 is not running any more',
    );
  });
  expect(await calls()).toBe(0);
});

it.each([
  ['is renamed', ['alter schema exa rename to moved']],
  [
    'and the path of the session have nothing to do with each other',
    ['alter schema exa rename to moved', 'create schema exa', 'create table exa.monitor_run_summaries ()'],
  ],
])('triggers and views go on working when the schema %s', async (_, statements) => {
  const { sql, url } = await createTestDatabase('empty');
  const warehouse = openDatabase({ url, schema: 'exa', maxConnections: 1 });
  onTestFinished(() => warehouse.close());
  await migrateWarehouse(warehouse);
  for (const statement of statements) await sql.unsafe(statement);

  await sql`insert into moved.monitor_runs (id, monitor_id, status, type, created_at, updated_at, answer)
    values ('a', 'm', 'failed', 'search', now(), now(), 1), ('b', 'm', 'failed', 'search', now(), now(), 1)`;
  await sql`delete from moved.monitor_runs where id = 'a'`;
  await sql`update moved.monitor_runs set status = 'completed'`;
  await sql`insert into moved.monitors (id, status, behavior, metadata, created_at, updated_at)
    values ('m', 'enabled', '{}', '{}', now(), now())`;
  await sql`update moved.monitors set status = 'disabled'`;
  expect(await sql`select field from moved.monitor_changes`).toEqual([{ field: 'status' }]);

  expect(await sql`select last_run_status from moved.monitor_run_summaries`).toEqual([
    { last_run_status: 'completed' },
  ]);
  for (const view of viewNames) await sql`select * from moved.${sql(view)}`;
  await sql`truncate moved.monitor_runs`;
  expect(await sql`select from moved.monitor_run_summaries`).toEqual([]);
});
