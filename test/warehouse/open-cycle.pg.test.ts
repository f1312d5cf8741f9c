import { sql } from 'drizzle-orm';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { OpenCycle, SourceCycle } from '../../src/sync/ports.ts';
import { createCycleStore } from '../../src/warehouse/cycle/cycle-store.ts';
import { findRewoundNumber } from '../../src/warehouse/upkeep/inspect-database.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { someRun } from '../builders/some-run.ts';
import { outcomeOf, pageOf, someInstant, websets } from './pages.ts';

const outcome = outcomeOf('succeeded');

let database: TestDatabase;
let nextCycle: () => Promise<SourceCycle>;

beforeEach(async () => {
  database = await createTestDatabase();
  const where = { url: database.url, schema: null, maxConnections: 4 };
  const opened = openDatabase(where);
  const store = createCycleStore(opened, where, { host: 'test', pid: 1 });
  let cycle: OpenCycle | null = null;
  nextCycle = async () => {
    await cycle?.close(outcome, someInstant);
    cycle = await store.openCycle('manual', someInstant);
    return cycle.source(websets.id);
  };
  onTestFinished(async () => {
    await cycle?.close(outcome, someInstant);
    await opened.close();
  });
});

test('an answer that was asked for earlier never overwrites a later one, within a cycle and across cycles', async () => {
  const first = await nextCycle();
  await first.saveRun(someRun({ status: 'completed' }), 7);
  expect(await first.savePage(pageOf([someRun()], { answer: 6 }))).toMatchObject({
    updated: 0,
    unchanged: 1,
  });
  expect(await database.sql`select status from monitor_runs`).toEqual([{ status: 'completed' }]);

  const second = await nextCycle();
  expect(await second.savePage(pageOf([someRun({ status: 'canceled' })], { answer: 1 }))).toMatchObject({
    updated: 1,
  });
  expect(await database.sql`select status from monitor_runs`).toEqual([{ status: 'canceled' }]);
});

test('two answers that are written at the same time leave the later one, whichever comes first', async () => {
  const cycle = await nextCycle();
  await cycle.saveRun(someRun(), 1);
  for (let round = 0; round < 20; round += 1) {
    const [early, late] = [round * 2 + 2, round * 2 + 3];
    await Promise.all([
      cycle.savePage(pageOf([someRun({ status: `late ${round}` })], { answer: late })),
      cycle.savePage(pageOf([someRun({ status: `early ${round}` })], { answer: early })),
    ]);
    expect(await database.sql`select status from monitor_runs`).toEqual([{ status: `late ${round}` }]);
  }
});

test('a run keeps its microseconds, and reading the same again changes nothing', async () => {
  const cycle = await nextCycle();
  await cycle.saveRun(someRun({ completedAt: '2026-03-10T12:30:00.5+02:00' }), 1);
  const before = await database.sql`select xmin::text, xmax::text, ctid::text, changed_at from monitor_runs`;
  await cycle.saveRun(someRun({ completedAt: '2026-03-10T10:30:00.500000Z' }), 2);

  expect(await database.sql`select xmin::text, xmax::text, ctid::text, changed_at from monitor_runs`).toEqual(
    before,
  );
  expect(
    await database.sql`select created_at::text, finished_at::text, duration_seconds from monitor_runs`,
  ).toEqual([
    {
      created_at: expect.stringContaining('.123456'),
      finished_at: expect.stringContaining(':30:00.5'),
      duration_seconds: 1800.376544,
    },
  ]);
});

test('a page and the checkpoint that claims it are one transaction', async () => {
  const cycle = await nextCycle();
  await database.sql`alter table sync_checkpoints add check (unfinished_walk is null)`;
  await expect(cycle.savePage(pageOf([someRun()], { answer: 1 }))).rejects.toThrow(
    'violates check constraint',
  );

  expect(await database.sql`select from monitor_runs`).toHaveLength(0);
  expect(await database.sql`select from sync_checkpoints`).toHaveLength(0);
});

/** A statement has 65,534 parameters; an API that ignores `limit` sends a list on one page. */
test('a page of any length is saved, rejected runs and accepted ones', async () => {
  const many = Array.from({ length: 17_000 }, (_, index) => index);
  const rejected = many.map((index) => ({
    key: `bad ${index}`,
    monitorId: 'm',
    reason: 'no date',
    payload: index === 0 ? null : { index },
  }));
  const cycle = await nextCycle();
  await cycle.savePage(pageOf([], { rejected, answer: 1 }));
  expect(await database.sql`select payload from rejected_runs where run_key in ('bad 0', 'bad 1')`).toEqual([
    { payload: null },
    { payload: { index: 1 } },
  ]);
  // Neither is there a limit to what a page takes back.
  const accepted = Array.from({ length: 66_000 }, (_, index) => someRun({ id: `bad ${index}` }));
  await cycle.savePage(pageOf(accepted, { answer: 2 }));
  expect(await database.sql`select from rejected_runs`).toHaveLength(0);
});

test('a failed statement is reported without its parameters', async () => {
  const cycle = await nextCycle();
  await database.sql`alter table monitor_runs add check (status <> 'x')`;
  await expect(cycle.saveRun(someRun({ status: 'x', failedReason: 'private' }), 1)).rejects.toThrow(
    /^new row for relation "monitor_runs" violates check constraint/,
  );
});

test('no statement is prepared under a name, which a pooler in transaction mode would lose with the commit', async () => {
  const single = openDatabase({ url: database.url, schema: null, maxConnections: 1 });
  onTestFinished(() => single.close());
  const look = () =>
    single.transaction((tx) =>
      tx.execute<{ pid: number; named: string | null }>(sql`
        select pg_backend_pid() as pid, (
          select string_agg(statement, ', ') from pg_prepared_statements where name <> '') as named`),
    );
  const [first] = await look();
  // The same connection, after a commit.
  expect(await look()).toEqual([{ pid: first?.pid, named: null }]);
});

test.each([
  ['that has had no cycle', 0],
  ['that has had some', 3],
])('runs that are copied alone into a warehouse %s hide no later answer', async (_what, cyclesBefore) => {
  await database.sql`select setval('sync_cycles_id_seq', 900)`;
  await (await nextCycle()).saveRun(someRun({ status: 'created' }), 1);
  const copy = await createTestDatabase();
  const where = { url: copy.url, schema: null, maxConnections: 2 };
  const opened = openDatabase(where);
  onTestFinished(() => opened.close());
  const store = createCycleStore(opened, where, { host: 'test', pid: 1 });
  for (let cycle = 0; cycle < cyclesBefore; cycle += 1)
    await (await store.openCycle('manual', someInstant)).close(outcome, someInstant);
  const [{ runs } = { runs: '' }] = await database.sql<{ runs: string }[]>`
    select json_agg(monitor_runs)::text as runs from monitor_runs`;
  await copy.sql`
    insert into monitor_runs (id, monitor_id, status, created_at, updated_at, answer)
    select id, monitor_id, status, created_at, updated_at, answer
    from json_populate_recordset(null::monitor_runs, ${runs}::text::json)`;
  expect(await findRewoundNumber(opened)).toBe(cyclesBefore + 1);

  const cycle = await store.openCycle('manual', someInstant);
  expect(cycle).toMatchObject({ id: 902, numbersRaised: true });
  expect(await cycle.source(websets.id).saveRun(someRun({ status: 'completed' }), 1)).toMatchObject({
    updated: 1,
  });
  await cycle.close(outcome, someInstant);
  const next = await store.openCycle('manual', someInstant);
  expect(next).toMatchObject({ id: 903, numbersRaised: false });
  await next.close(outcome, someInstant);
  expect(await findRewoundNumber(opened)).toBeNull();
});

test.each([
  ['bookkeeping is truncated with its numbers', 'truncate sync_cycles restart identity'],
  ['tables are carried over without their sequences', 'alter sequence sync_cycles_id_seq restart'],
])('after %s a later answer still counts as the later one', async (_what, statement) => {
  const where = { url: database.url, schema: null, maxConnections: 2 };
  const opened = openDatabase(where);
  onTestFinished(() => opened.close());
  const store = createCycleStore(opened, where, { host: 'test', pid: 1 });
  const save = async (status: string) => {
    const cycle = await store.openCycle('manual', someInstant);
    const saved = await cycle.source(websets.id).saveRun(someRun({ status }), 1);
    await cycle.close(outcome, someInstant);
    return saved;
  };
  await save('created');
  await save('running');
  await database.sql.unsafe(statement);
  expect(await save('completed')).toMatchObject({ updated: 1 });
  expect(await save('failed')).toMatchObject({ updated: 1 });
});
