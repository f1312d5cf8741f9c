/** When the remembered listing counts, and what makes it worthless. */
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { QuietListing, RecalledListing } from '../../src/sync/ports.ts';
import { openDatabase, type Database } from '../../src/warehouse/database.ts';
import { recallListing, rememberListing } from '../../src/warehouse/known-listing.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

const listing: QuietListing = {
  pages: [
    { digest: 'a+/=', nextCursor: 'cursor "1"' },
    { digest: 'b', nextCursor: null },
  ],
  monitors: 2,
  quiet: { from: '2026-03-10T12:00:00.000Z', until: '2026-03-10T13:00:00.000Z' },
  fullWalkDays: 7,
};
const { pages, monitors } = listing;
const asRemembered = { pages, monitors, openRuns: new Map(), previousCycleAt: null };
const within = '2026-03-10T12:30:00.000Z';

let testDatabase: TestDatabase;
let database: Database;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = openDatabase({ url: testDatabase.url, schema: null, maxConnections: 1 });
  onTestFinished(() => database.close());
  await testDatabase.sql`
    insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, created_at, updated_at)
    select id, 'w', 'enabled', '', '', '{}', '{}', now(), now() from unnest(array['m1', 'm2']) as id`;
  await testDatabase.sql`insert into sync_checkpoints (monitor_id) values ('m1'), ('m2')`;
});

const remember = (changes: Partial<QuietListing> = {}): Promise<void> =>
  database.transaction((tx) => rememberListing(tx, { ...listing, ...changes }, '1.0.0'));

interface Occasion {
  readonly at?: string;
  readonly fullWalkDays?: number;
  readonly version?: string;
}

const recall = ({
  at = within,
  fullWalkDays = 7,
  version = '1.0.0',
}: Occasion = {}): Promise<RecalledListing | null> =>
  database.transaction((tx) => recallListing(tx, { at, fullWalkDays, version }));

test('a listing is remembered until another one is', async () => {
  expect(await recall()).toBeNull();
  await remember();
  expect(await recall()).toEqual(asRemembered);
  expect(await recall()).toEqual(asRemembered);

  const other = { pages: [{ digest: 'c', nextCursor: null }], monitors: 1 };
  await remember(other);
  expect(await recall()).toEqual({ ...asRemembered, ...other });
});

test.each<[string, Occasion, boolean]>([
  ['at its first instant', { at: '2026-03-10T12:00:00.000Z' }, true],
  ['before it, by a clock that was put back', { at: '2026-03-10T11:59:59.999Z' }, false],
  ['at its last millisecond', { at: '2026-03-10T12:59:59.999Z' }, true],
  ['when the first monitor falls due', { at: '2026-03-10T13:00:00.000Z' }, false],
  ['with another period of full walks', { fullWalkDays: 6 }, false],
  ['by another version of the program', { version: '1.0.1' }, false],
])('%s', async (_when, occasion, counts) => {
  await remember();
  expect(await recall(occasion)).toEqual(counts ? asRemembered : null);
});

test.each([
  ['a monitor changes', `update monitors set status = 'disabled' where id = 'm1'`],
  ['a monitor is marked absent', `update monitors set absent_since = now() where id = 'm1'`],
  ['a row is written as it was', `update monitors set status = status where id = 'm1'`],
  ['a monitor is removed', `delete from monitors where id = 'm1'`],
  [
    'a monitor is added',
    `insert into monitors select (jsonb_populate_record(monitors, '{"id": "m3"}')).* from monitors limit 1`,
  ],
  ['a checkpoint changes', `update sync_checkpoints set consecutive_failures = 1 where monitor_id = 'm2'`],
  ['a checkpoint is removed', `delete from sync_checkpoints where monitor_id = 'm2'`],
  ['a checkpoint is added', `insert into sync_checkpoints (monitor_id) values ('m3')`],
  [
    'a checkpoint is replaced by an equal one',
    `create table copy as select * from sync_checkpoints where monitor_id = 'm2';
      delete from sync_checkpoints where monitor_id = 'm2'; insert into sync_checkpoints table copy`,
  ],
  ['all checkpoints are removed', `truncate sync_checkpoints`],
  [
    'a run is rejected',
    `insert into rejected_runs (monitor_id, run_key, reason, payload) values ('m1', 'r', 'no', '{}')`,
  ],
  [
    'its own row is a copy, as after a restore',
    `create table copy as table sync_listing; delete from sync_listing; insert into sync_listing table copy`,
  ],
  ['its own row is removed', `delete from sync_listing`],
])('once %s it counts no more', async (_what, statement) => {
  await remember();
  await testDatabase.sql.unsafe(statement);
  expect(await recall()).toBeNull();
});

test.each([
  ['vacuum', 'vacuum (freeze) monitors'],
  ['a rewrite of the table', 'vacuum full sync_checkpoints'],
  [
    'a run that is final',
    `insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, answer)
      values ('r', 'm1', 'completed', 'search', now(), now(), 1)`,
  ],
  [
    'a record of a cycle',
    `insert into sync_cycles (status, trigger, host, pid) values ('failed', 'manual', 'h', 1)`,
  ],
])('%s takes nothing from it', async (_what, statement) => {
  await remember();
  await testDatabase.sql.unsafe(statement);
  expect(await recall()).toEqual(asRemembered);
});

test('it comes with the open runs of now, about which it says nothing', async () => {
  await remember();
  await testDatabase.sql`
    insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, absent_since, answer)
    values ('r', 'm1', 'pending', 'search', ${within}, now(), null, 1), ('gone', 'm1', 'running', 'search', ${within}, now(), now(), 1)`;
  await testDatabase.sql`
    insert into sync_cycles (status, trigger, host, pid, started_at, finished_at, monitors_seen)
    values ('succeeded', 'manual', 'h', 1, ${within}, now(), 2)`;
  const createdAt = '2026-03-10T12:30:00Z';
  expect(await recall()).toEqual({
    ...asRemembered,
    openRuns: new Map([['m1', [{ id: 'r', monitorId: 'm1', createdAt }]]]),
    previousCycleAt: createdAt,
  });
});
