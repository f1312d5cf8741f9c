import { sql } from 'drizzle-orm';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Checkpoint, RunState, UnfinishedWalk } from '../../src/sync/model.ts';
import type { WalkProgress } from '../../src/sync/ports.ts';
import { progressStatement } from '../../src/warehouse/cycle/checkpoints.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { loadCheckpoints } from '../../src/warehouse/cycle/load-checkpoints.ts';
import { someCheckpoint, someWalk } from '../builders/some-checkpoint.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

let database: TestDatabase;
let save: (monitorId: string, progress: WalkProgress) => Promise<unknown>;
let load: () => Promise<ReadonlyMap<string, Checkpoint>>;

beforeEach(async () => {
  database = await createTestDatabase();
  const opened = openDatabase({ url: database.url, schema: null, maxConnections: 1 });
  onTestFinished(() => opened.close());
  save = (monitorId, progress) => opened.send([progressStatement(monitorId, progress, () => sql`false`)]);
  load = () => opened.transaction(loadCheckpoints);
});

const someState: RunState = {
  id: 'run "1"\n',
  status: 'completed',
  createdAt: '2026-03-10T10:00:00.123456Z',
  updatedAt: '2026-03-10T10:00:00.1Z',
};

function checkpoint(changes: Partial<Checkpoint> = {}): Checkpoint {
  return someCheckpoint({
    syncedThrough: '2026-03-10T10:00:00.123456Z',
    lastFullWalkAt: '2026-03-10T12:00:00.5Z',
    newestRun: someState,
    nextRunAt: '2026-03-11T00:00:00Z',
    lastWalkAt: '2026-03-10T12:00:00Z',
    ...changes,
  });
}

const finished = (left: Checkpoint): WalkProgress => ({
  state: 'finished',
  kind: 'full',
  stopReason: 'end_of_list',
  finishedAt: '2026-03-10T12:00:00Z',
  checkpoint: left,
});

test.each([
  ['with everything in it', {}],
  ['of a monitor without runs', { syncedThrough: null, newestRun: null, nextRunAt: null }],
  ['of a monitor that failed', { consecutiveFailures: 3 }],
])('a checkpoint %s is loaded as it was saved', async (_which, changes) => {
  const saved = checkpoint(changes);
  await save('m', finished(saved));
  expect(await load()).toEqual(new Map([['m', saved]]));
});

test.each<[string, Partial<UnfinishedWalk>]>([
  ['with everything in it', {}],
  [
    'that has seen no run and is not in order',
    { kind: 'incremental', mark: null, oldestCreatedAt: null, newestRun: null, descending: false },
  ],
])('an unfinished walk %s is loaded as it was saved', async (_which, changes) => {
  const walk = someWalk({
    kind: 'since',
    cursor: 'opaque "cursor"\\',
    mark: '2026-03-10T10:00:00.123456Z',
    stopAt: '2026-03-09T10:00:00Z',
    descending: true,
    oldestCreatedAt: '2026-03-10T09:00:00.25Z',
    newestRun: someState,
    pages: 7,
    startedAt: '2026-03-10T11:00:00Z',
    ...changes,
  });
  const before = checkpoint();
  await save('m', finished(before));
  await save('m', { state: 'unfinished', walk });
  expect(await load()).toEqual(new Map([['m', { ...before, unfinishedWalk: walk }]]));
});

test('there are none before the first walk, and any number afterwards', async () => {
  expect(await load()).toEqual(new Map());
  await database.sql`insert into sync_checkpoints (monitor_id) select 'm' || n from generate_series(1, 2500) n`;
  const loaded = await load();
  expect(loaded.size).toBe(2500);
  expect(loaded.get('m2500')).toEqual({
    monitorId: 'm2500',
    syncedThrough: null,
    unfinishedWalk: null,
    lastFullWalkAt: null,
    newestRun: null,
    nextRunAt: null,
    lastWalkAt: null,
    rose: false,
    lookAgain: false,
    notFoundOnce: [],
    consecutiveFailures: 0,
  });
});
