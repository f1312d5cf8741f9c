import * as fc from 'fast-check';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Run } from '../../src/sync/model.ts';
import type { OpenCycle, PageToSave } from '../../src/sync/ports.ts';
import { createCycleStore } from '../../src/warehouse/cycle/cycle-store.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { migrateWarehouse } from '../../src/warehouse/upkeep/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { pageOf, someInstant, someRun } from './pages.ts';

interface Warehouse extends TestDatabase {
  readonly cycle: OpenCycle;
}

let warehouse: Warehouse;

async function createWarehouse(schema: string | null = null, setting = 'jit = off'): Promise<Warehouse> {
  const database = await createTestDatabase(schema === null ? 'migrated' : 'empty');
  await database.sql.unsafe(`alter database ${database.name} set ${setting}`);
  const where = { url: database.url, schema, maxConnections: 3 };
  const opened = openDatabase(where);
  if (schema !== null) await migrateWarehouse(opened);
  const store = createCycleStore(opened, where, { host: 'test', pid: 1 });
  const cycle = await store.openCycle('manual', someInstant);
  onTestFinished(() => opened.close());
  return { ...database, cycle };
}

beforeEach(async () => {
  warehouse = await createWarehouse();
});

/** A page of a first walk. */
function newPage(runs: readonly Run[], changes: Partial<PageToSave> = {}): PageToSave {
  return pageOf(runs, { presumedNew: true, ...changes });
}

/** Whether a row was written by COPY: what a statement inserts, the trigger of this test sees as something else. */
async function countCopies({ sql }: TestDatabase): Promise<() => Promise<number>> {
  await sql`create table copies (query text)`;
  await sql.unsafe(`
    create function note_copy() returns trigger language plpgsql as $$
    begin
      if current_query() like '%copy monitor_runs%' then insert into copies values (current_query()); end if;
      return null;
    end $$;
    create trigger note_copy after insert on monitor_runs for each statement execute function note_copy()`);
  return async () => (await sql`select from copies`).length;
}

async function stored({ sql }: TestDatabase) {
  return {
    runs: await sql`select id, monitor_id, status, type, created_at::text, updated_at::text, completed_at::text,
      failed_at::text, failed_reason, canceled_at::text, extra, finished_at::text, duration_seconds, absent_since,
      first_synced_at = changed_at as at_once, answer from monitor_runs order by id`,
    changes: await sql`select run_id, monitor_id, from_status, to_status, changed_at::text, answer
      from monitor_run_status_changes order by run_id`,
    summaries: await sql`select * from monitor_run_summaries`,
    checkpoints: await sql`select * from sync_checkpoints`,
  };
}

const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((value) => value.replaceAll('\u0000', ''));
const hostileText = fc
  .array(fc.oneof(text, fc.constantFrom('\\', '\t', '\n', '\r', '\\N', '\\.', "'", '"', '\\x41', '\b')), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''));
const instant = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const run: fc.Arbitrary<Run> = fc.record({
  id: hostileText,
  monitorId: fc.constant('m'),
  status: fc.oneof(fc.constantFrom('created', 'running', 'completed', 'failed', 'canceled'), hostileText),
  type: hostileText,
  createdAt: instant,
  updatedAt: instant,
  startedAt: fc.constant(null),
  output: fc.constant(null),
  completedAt: fc.option(instant),
  failedAt: fc.option(instant),
  failedReason: fc.option(hostileText),
  canceledAt: fc.option(instant),
  extra: fc.option(fc.dictionary(hostileText, fc.oneof(hostileText, fc.integer(), fc.constant(null)))),
});

test('new pages are stored by COPY, field for field what an upsert stores', async () => {
  const upserted = await createWarehouse();
  const copies = await countCopies(warehouse);
  const pages = fc.sample(fc.uniqueArray(run, { selector: ({ id }) => id, maxLength: 40 }), {
    numRuns: 12,
    seed: 20_261_125,
  });
  for (const [index, runs] of pages.entries()) {
    // A page after another would find the ids of this one again.
    const own = runs.map((one) => ({ ...one, id: `${index} ${one.id}` }));
    const page = newPage(own, { answer: index + 1 });
    const saved = await warehouse.cycle.savePage(page);
    expect(saved).toEqual({ inserted: own.length, updated: 0, unchanged: 0, missing: [] });
    expect(await upserted.cycle.savePage({ ...page, presumedNew: false })).toEqual(saved);
  }

  expect(await copies()).toBe(pages.length);
  expect(await stored(warehouse)).toEqual(await stored(upserted));
});

test('pages of several monitors that come at once are stored together, the empty ones too', async () => {
  const monitors = ['m1', 'm2', 'm3', 'm4'];
  const saved = await Promise.all(
    monitors.map((monitorId, index) =>
      warehouse.cycle.savePage(
        newPage(index === 2 ? [] : [someRun({ id: `run of ${monitorId}`, monitorId })], {
          monitorId,
          answer: index + 1,
        }),
      ),
    ),
  );

  expect(saved.map(({ inserted }) => inserted)).toEqual([1, 1, 0, 1]);
  const { runs, checkpoints } = await stored(warehouse);
  expect(runs.map(({ answer }) => Number(BigInt(String(answer)) & 0xffff_ffffn))).toEqual([1, 2, 4]);
  expect(checkpoints.map(({ monitor_id: id }) => String(id)).toSorted()).toEqual(monitors);
});

test('a run that is stored after all makes its page an upsert, exact and counted as what it is', async () => {
  const copies = await countCopies(warehouse);
  await warehouse.cycle.savePage(newPage([someRun({ id: 'known' })], { monitorId: 'm', answer: 1 }));
  const page = newPage(
    [someRun({ id: 'new' }), someRun({ id: 'known', status: 'completed', completedAt: someInstant })],
    { answer: 2 },
  );

  expect(await warehouse.cycle.savePage(page)).toMatchObject({ inserted: 1, updated: 1, unchanged: 0 });
  const { runs, changes } = await stored(warehouse);
  expect(runs).toMatchObject([
    { id: 'known', status: 'completed' },
    { id: 'new', status: 'running' },
  ]);
  expect(changes.map(({ run_id: id, to_status: to }) => `${id} ${to}`)).toEqual([
    'known running',
    'known completed',
    'new running',
  ]);
  // This monitor's list is not what the engine takes it for: no more attempts.
  await warehouse.cycle.savePage(newPage([someRun({ id: 'newer' })], { answer: 3 }));
  expect(await copies()).toBe(1);
  await warehouse.cycle.savePage(
    newPage([someRun({ id: 'elsewhere', monitorId: 'other' })], { monitorId: 'other', answer: 4 }),
  );
  expect(await copies()).toBe(2);
});

test('an older answer that comes as a new page does not overwrite a later one', async () => {
  await warehouse.cycle.saveRun(someRun({ status: 'completed', completedAt: someInstant }), 7);
  expect(await warehouse.cycle.savePage(newPage([someRun()], { answer: 6 }))).toMatchObject({ unchanged: 1 });
  expect((await stored(warehouse)).runs).toMatchObject([{ status: 'completed' }]);
});

test('a page with rejected runs, and each later one of its monitor, looks at what is rejected', async () => {
  const rejected = [{ key: 'bad', monitorId: 'm', reason: 'no date', payload: {} }];
  await warehouse.cycle.savePage(newPage([someRun({ id: 'good' })], { rejected }));
  expect(await warehouse.sql`select run_key from rejected_runs`).toEqual([{ run_key: 'bad' }]);
  await warehouse.cycle.savePage(newPage([someRun({ id: 'bad' })], { answer: 2 }));
  expect(await warehouse.sql`select from rejected_runs`).toHaveLength(0);
});

test.each([
  ['a row that the table refuses', 'alter table monitor_runs add constraint no check (id <> $$r200$$)'],
  [
    'a checkpoint that cannot be written',
    'alter table sync_checkpoints add constraint no check (monitor_id is null)',
  ],
  [
    'a commit that fails',
    `create function refuse() returns trigger language plpgsql as $$ begin raise 'constraint "no"'; end $$;
     create constraint trigger no after insert on monitor_runs deferrable initially deferred
     for each row execute function refuse()`,
  ],
])(
  '%s leaves nothing of the page, is reported as it is, and the next page is stored',
  async (_what, breakage) => {
    const runs = Array.from({ length: 200 }, (_, index) => someRun({ id: `r${index + 1}` }));
    await warehouse.sql.unsafe(breakage);
    await expect(warehouse.cycle.savePage(newPage(runs))).rejects.toThrow(/constraint "no"/);
    expect(await stored(warehouse)).toEqual({ runs: [], changes: [], summaries: [], checkpoints: [] });

    await warehouse.sql.unsafe(`
    drop trigger if exists no on monitor_runs;
    alter table monitor_runs drop constraint if exists no;
    alter table sync_checkpoints drop constraint if exists no`);
    expect(await warehouse.cycle.savePage(newPage(runs, { answer: 2 }))).toMatchObject({ inserted: 200 });
  },
);

test.each([1, 400])(
  'a connection that dies while %i rows are copied costs the page, not the process',
  async (rows) => {
    const runs = Array.from({ length: rows }, (_, index) =>
      someRun({ id: `r${index}`, failedReason: 'x'.repeat(999) }),
    );
    await warehouse.sql.unsafe(`
      create function die() returns trigger language plpgsql as $$
        begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(1); return new; end $$;
      create trigger die before insert on monitor_runs for each row execute function die()`);
    await expect(warehouse.cycle.savePage(newPage(runs))).rejects.toThrow(
      /terminating connection|CONNECTION_CLOSED|ECONNRESET|EPIPE/,
    );
    expect(await stored(warehouse)).toMatchObject({ runs: [], checkpoints: [] });

    await warehouse.sql`drop trigger die on monitor_runs`;
    expect(await warehouse.cycle.savePage(newPage(runs, { answer: 2 }))).toMatchObject({ inserted: rows });
  },
);

test('a schema of its own is where the rows go, whatever its name', async () => {
  const own = await createWarehouse('Exa "own"');
  expect(await own.cycle.savePage(newPage([someRun()]))).toMatchObject({ inserted: 1 });
  expect(await own.sql`select id from "Exa ""own""".monitor_runs`).toEqual([{ id: 'r' }]);
});

test('a cursor is stored as it is, however the database reads backslashes', async () => {
  const own = await createWarehouse(null, 'standard_conforming_strings = off');
  const cursor = String.raw`\' \\ "'' \n`;
  const { progress } = newPage([]);
  if (progress.state === 'finished') throw new Error('the walk goes on');
  await own.cycle.savePage(
    newPage([someRun()], { progress: { ...progress, walk: { ...progress.walk, cursor } } }),
  );
  expect((await stored(own)).checkpoints).toMatchObject([{ walk_cursor: cursor }]);
});
