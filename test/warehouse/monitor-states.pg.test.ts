/** What a cycle finds of the cycles before it. */
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Checkpoint, RunState, UnfinishedWalk } from '../../src/sync/model.ts';
import type { CycleStatus, CycleStore, SourceCycle } from '../../src/sync/ports.ts';
import { createCycleStore } from '../../src/warehouse/cycle/cycle-store.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { someCheckpoint, someWalk } from '../builders/some-checkpoint.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { outcomeOf, pageOf, someInstant, websets } from './pages.ts';

let testDatabase: TestDatabase;
let store: CycleStore;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  const where = { url: testDatabase.url, schema: null, maxConnections: 2 };
  const database = openDatabase(where);
  store = createCycleStore(database, where, { host: 'test', pid: 1 });
  onTestFinished(() => database.close());
});

async function inCycle(
  work: (cycle: SourceCycle) => Promise<unknown>,
  status: CycleStatus = 'succeeded',
  startedAt = someInstant,
): Promise<void> {
  const cycle = await store.openCycle('manual', startedAt);
  await work(cycle.source(websets.id));
  await cycle.close(outcomeOf(status), startedAt);
}

async function checkpointOf(monitorId: string): Promise<Checkpoint | undefined> {
  return (await store.loadMonitorStates(websets.id)).checkpoints.get(monitorId);
}

const newestRun: RunState = {
  id: 'newest',
  status: 'running',
  createdAt: '2026-03-10T10:00:00.123456Z',
  updatedAt: '2026-03-10T10:00:01Z',
};

const walk = someWalk({
  kind: 'incremental',
  cursor: 'next',
  mark: '2026-03-10T10:00:00.123456Z',
  stopAt: '2026-03-08T06:00:00Z',
  descending: true,
  oldestCreatedAt: '2026-03-09T06:00:00Z',
  newestRun,
  pages: 7,
  startedAt: '2026-03-10T12:00:00Z',
});

const finished = someCheckpoint({
  syncedThrough: '2026-03-10T10:00:00.123456Z',
  unfinishedWalk: null,
  lastFullWalkAt: '2026-03-09T00:00:00Z',
  newestRun,
  nextRunAt: '2026-03-11T06:00:00Z',
  lastWalkAt: '2026-03-10T12:00:00Z',
});

function begin(cycle: SourceCycle, unfinished: UnfinishedWalk): Promise<unknown> {
  return cycle.savePage(pageOf([], { progress: { state: 'unfinished', walk: unfinished } }));
}

function finish(cycle: SourceCycle): Promise<unknown> {
  return cycle.savePage(
    pageOf([], {
      progress: {
        state: 'finished',
        kind: 'full',
        stopReason: 'end_of_list',
        finishedAt: someInstant,
        checkpoint: finished,
      },
    }),
  );
}

test.each<readonly [string, UnfinishedWalk]>([
  ['in a list that descends', walk],
  ['in a list whose order broke', { ...walk, kind: 'full', stopAt: null, descending: false }],
  ['whose first page was empty', { ...walk, mark: null, oldestCreatedAt: null, newestRun: null }],
])('an unfinished walk %s goes on as it was', async (_where, unfinished) => {
  await inCycle((cycle) => begin(cycle, unfinished));
  expect((await checkpointOf('m'))?.unfinishedWalk).toEqual(unfinished);
});

test('an unfinished walk leaves what is covered as it was, and a finished one leaves its checkpoint', async () => {
  await inCycle(finish);
  expect(await checkpointOf('m')).toEqual(finished);
  await inCycle((cycle) => begin(cycle, walk));
  expect(await checkpointOf('m')).toEqual({ ...finished, unfinishedWalk: walk });
  await inCycle((cycle) => cycle.forgetUnfinishedWalk('m'));
  expect(await checkpointOf('m')).toEqual(finished);
});

test('failures in a row are counted until a walk ends', async () => {
  for (let failures = 1; failures <= 3; failures += 1) {
    await inCycle((cycle) => cycle.recordMonitorFailure('m', `no ${failures}`));
    expect((await checkpointOf('m'))?.consecutiveFailures).toBe(failures);
  }
  const [kept] =
    await testDatabase.sql`select last_error, last_error_at is not null as dated from sync_checkpoints`;
  expect(kept).toEqual({ last_error: 'no 3', dated: true });

  // A page alone is not the end of them.
  await inCycle((cycle) => begin(cycle, walk));
  expect((await checkpointOf('m'))?.consecutiveFailures).toBe(3);
  await inCycle(finish);
  expect((await checkpointOf('m'))?.consecutiveFailures).toBe(0);
  expect(await testDatabase.sql`select last_error, last_error_at from sync_checkpoints`).toEqual([
    { last_error: null, last_error_at: null },
  ]);
});

test.each([
  ['succeeded', true],
  ['partial', true],
  ['failed', false],
  ['interrupted', false],
] as const)('a cycle that ended %s counts as the previous one: %s', async (status, counts) => {
  const before = '2026-03-10T10:00:00Z';
  const after = '2026-03-10T11:00:00Z';
  await inCycle(() => Promise.resolve(), 'succeeded', before);
  await inCycle(() => Promise.resolve(), status, after);
  expect((await store.loadMonitorStates(websets.id)).previousCycleAt).toBe(counts ? after : before);
});
