import { expect, onTestFinished, test } from 'vitest';
import { openDatabase, type Database } from '../../src/warehouse/connection/database.ts';
import { copyWarehouse } from '../../src/warehouse/lifecycle/copy-warehouse.ts';
import { tableNames } from '../../src/warehouse/upkeep/relations.ts';
import { interruptAtPage } from '../exactness/interruptions.ts';
import { createSmallAccount } from '../exactness/small-account.ts';
import { minuteMs, useSyncKit } from '../exactness/sync-kit.ts';
import { expectTruth } from '../exactness/truth.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

const quietly = { signal: new AbortController().signal, observe: () => undefined };

function open({ url }: TestDatabase): Database {
  const database = openDatabase({ url, schema: null, maxConnections: 2 });
  onTestFinished(() => database.close());
  return database;
}

/** Every row of every table as text, and where the numbering goes on. */
async function contents({ sql }: TestDatabase): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const table of tableNames) {
    const rows = await sql`select row::text as text from ${sql(table)} as row order by 1`;
    found[table] = rows.map(({ text }) => String(text));
  }
  for (const sequence of ['sync_cycles_id_seq', 'sync_sources_id_seq'])
    found[sequence] = [...(await sql`select last_value::text, is_called from ${sql(sequence)}`)];
  return found;
}

/** Values that a careless copy would change. */
async function addOddities({ sql }: TestDatabase): Promise<void> {
  await sql`
    insert into monitor_changes (monitor_id, field, value_before, value_after, changed_at)
    values ('m1', 'status', 'null', null, '2026-01-01 00:00:00.000001+00'),
      ('m1', 'metadata', '{"big": 12345678901234567890123456789, "text": "\\"quo\\\\te\\u2028\\n"}', '"null"', 'infinity')`;
  await sql`
    insert into monitor_run_outputs (run_id, content, results, answer)
    values ('odd', 'null', 0, 9223372036854775807), ('none', null, 0, 0)`;
  await sql`
    insert into rejected_runs (monitor_id, run_key, reason, payload)
    values ('odd', E'tab\\t''quote"\\\\', E'two\\nlines\\r', '[]'), ('', '', '', 'null')`;
  await sql`
    insert into monitor_schedules (monitor_id, schedule_key, known_since, longest_gap_seconds)
    values ('odd', 'k', '-infinity', 0.1::float8 + 0.2::float8)`;
  await sql`insert into sync_sources (id, account, api) values (40, 'eu', 'search')`;
  await sql`select setval('sync_cycles_id_seq', 4711)`;
}

test('a copy holds every row as it was, also of an unfinished walk, and the cycle after it goes on as here', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { monitors: 2, runs: 20 }),
    pageSize: 3,
  });
  const interruption = interruptAtPage(4);
  kit.simulator.setFaults(interruption.faults);
  await kit.cycle({ signal: interruption.signal });
  kit.simulator.setFaults(null);
  await addOddities(kit.testDatabase);
  const [walk] = await kit.testDatabase.sql`select from sync_checkpoints where unfinished_walk is not null`;
  expect(walk).toBeDefined();
  const target = await createTestDatabase();
  const rows = await copyWarehouse(kit.database, open(target), quietly);

  const before = await contents(kit.testDatabase);
  expect(await contents(target)).toEqual(before);
  expect(rows['monitor_runs']).toBe((await kit.testDatabase.sql`select from monitor_runs`).length);
  kit.clock.advance(minuteMs);
  const there = await useSyncKit({ account: () => kit.account, pageSize: 3, database: target });
  const next = await there.cycle({ clock: kit.clock });
  const here = await kit.cycle();
  expect(next.cycleId).toBe(4712);
  expect(next.requests).toBe(here.requests);
  const brought = ({ outcome: { status, monitors, runs } }: typeof here) => ({ status, monitors, runs });
  expect(brought(next)).toEqual(brought(here));
  await expectTruth(target.sql, kit.account);
  kit.clock.advance(minuteMs);
  expect(await there.cycle({ clock: kit.clock })).toMatchObject({
    requests: 1,
    outcome: { status: 'succeeded', monitors: { walked: 0 }, runs: { inserted: 0, updated: 0 } },
  });
  const wrong = await target.sql`select wrong_monitor_run_summaries(array(select id from monitors))`;
  expect([...wrong]).toEqual([]);
});

function digestRuns({ sql }: TestDatabase) {
  return sql`
    select count(*)::int as runs, md5(string_agg(row::text, '' order by id)) as digest from monitor_runs row`;
}

test('rows that are large or many arrive as they were', async () => {
  const source = await createTestDatabase();
  await source.sql`
    insert into monitor_runs (id, monitor_id, status, created_at, updated_at, extra, answer)
    select 'r' || number, 'm' || number % 7, 'failed', now() - number * interval '1 minute', now(),
      jsonb_build_object('text', repeat('ü', case when number % 400 = 0 then 600000 else 10 end)), number
    from generate_series(1, 12000) number`;
  const target = await createTestDatabase();
  const rows = await copyWarehouse(open(source), open(target), quietly);

  expect(rows['monitor_runs']).toBe(12_000);
  expect([...(await digestRuns(target))]).toEqual([...(await digestRuns(source))]);
});

test('nothing is copied over data that are there, and a copy that fails leaves nothing', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 1, runs: 3 }) });
  await kit.cycle();
  const target = await createTestDatabase();
  const database = open(target);
  const failing = {
    ...quietly,
    observe: (table: string) => {
      if (table === 'sync_cycles') throw new Error('the machine is gone');
    },
  };
  await expect(copyWarehouse(kit.database, database, failing)).rejects.toThrow('the machine is gone');
  expect((await contents(target))['monitor_runs']).toEqual([]);
  await copyWarehouse(kit.database, database, quietly);
  const before = await contents(target);

  await expect(copyWarehouse(kit.database, database, quietly)).rejects.toThrow(/^there is data already, in /);
  expect(await contents(target)).toEqual(before);
});
