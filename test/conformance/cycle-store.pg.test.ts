/** What the engine relies on in a store, held against Postgres. */
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { LockHeldError, StopCycleError } from '../../src/sync/errors.ts';
import type { RunOutput } from '../../src/sync/model.ts';
import type { CycleStore, OpenCycle, SourceCycle, SourceIdentity } from '../../src/sync/ports.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { createCycleStore } from '../../src/warehouse/cycle/cycle-store.ts';
import { someMonitor } from '../builders/some-monitor.ts';
import { completedRun, someRun } from '../builders/some-run.ts';
import { endLockHolder } from '../exactness/lock-holder.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { outcomeOf, pageOf, someInstant } from '../warehouse/pages.ts';

let database: TestDatabase;
let store: CycleStore;
let identities: readonly SourceIdentity[];
let cycle: OpenCycle;
let [websets, search]: SourceCycle[] = [];

const keys = ['websets', 'search'].map((api) => ({ account: 'default', api }));

beforeEach(async () => {
  database = await createTestDatabase();
  const where = { url: database.url, schema: null, maxConnections: 4 };
  const opened = openDatabase(where);
  store = createCycleStore(opened, where, { host: 'test', pid: 1 });
  identities = await store.ensureSources(keys);
  cycle = await store.openCycle('manual', someInstant);
  [websets, search] = identities.map(({ id }) => cycle.source(id));
  onTestFinished(() => opened.close());
});

/** The cycles of both sources. */
function both(): readonly [SourceCycle, SourceCycle] {
  if (websets === undefined || search === undefined) throw new Error('two sources were opened');
  return [websets, search];
}

async function countAbsentRuns(): Promise<number> {
  return (await database.sql`select from monitor_runs where absent_since is not null`).length;
}

const close = () => cycle.close(outcomeOf('succeeded'), someInstant);
const output: RunOutput = {
  content: 'Two pages.',
  grounding: [],
  results: [{ url: 'https://a.example', title: 'A', published: null, author: null, text: null, extra: null }],
};

test('sources are found in the order of asking, and made once', async () => {
  const again = await store.ensureSources(keys.toReversed());
  expect(again).toEqual(identities.toReversed());
  await close();
});

test('a page and its checkpoint are seen together', async () => {
  const [own] = both();
  await own.saveMonitors([someMonitor()]);
  expect(await own.savePage(pageOf([someRun()]))).toMatchObject({ inserted: 1, foreign: 0 });
  const states = await store.loadMonitorStates(identities[0]?.id ?? 0);
  expect(states.checkpoints.get('m')?.unfinishedWalk).toMatchObject({ pages: 1 });
  expect(states.openRuns.get('m')).toMatchObject([{ id: 'r' }]);
  await own.forgetUnfinishedWalk('m');
  const later = await store.loadMonitorStates(identities[0]?.id ?? 0);
  expect(later.checkpoints.get('m')?.unfinishedWalk).toBeNull();
  await close();
});

test('the answer that was asked for last decides, whichever is written last', async () => {
  const [own] = both();
  await own.saveRun(someRun({ status: 'completed' }), 5);
  expect(await own.saveRun(someRun({ status: 'failed' }), 4)).toMatchObject({ updated: 0, unchanged: 1 });
  await own.markRunsAbsent('m', ['r'], 4);
  expect(await database.sql`select status, absent_since from monitor_runs`).toEqual([
    { status: 'completed', absent_since: null },
  ]);
  await close();
});

test('a final run that a page shows as open is left, and told', async () => {
  const [own] = both();
  await own.saveRun(completedRun('r', '2026-03-10T11:00:00Z'), 1);
  const lagging = someRun({ createdAt: '2026-03-10T11:00:00Z', updatedAt: '2026-03-10T10:59:00Z' });
  expect(await own.savePage(pageOf([lagging], { answer: 2 }))).toMatchObject({ reopened: ['r'], updated: 0 });
  await close();
});

test('a run of another source is rejected with both named, and its row is not touched', async () => {
  const [own, other] = both();
  await own.saveMonitors([someMonitor()]);
  await other.saveMonitors([someMonitor({ id: 'theirs' })]);
  await own.saveRun(someRun(), 1);
  const before = await database.sql`select xmin::text, * from monitor_runs`;
  const theirs = someRun({ monitorId: 'theirs', status: 'completed' });
  expect(await other.saveRun(theirs, 2)).toMatchObject({ inserted: 0, updated: 0, foreign: 1 });
  expect(await other.savePage(pageOf([theirs], { monitorId: 'theirs', answer: 3 }))).toMatchObject({
    foreign: 1,
  });
  await other.markRunsAbsent('m', ['r'], 4);
  await other.markRunsAbsent('theirs', ['r'], 4);
  expect(await database.sql`select xmin::text, * from monitor_runs`).toEqual(before);
  const rejected = await database.sql<
    { reason: string }[]
  >`select monitor_id, run_key, reason from rejected_runs`;
  expect(rejected).toMatchObject([{ monitor_id: 'theirs', run_key: 'r' }]);
  expect(rejected[0]?.reason).toMatch(/websets.*search|search.*websets/);
  expect([await own.countRejectedRuns(), await other.countRejectedRuns()]).toEqual([0, 1]);
  await close();
});

test('a monitor of another source is left alone, and told with the source that has it', async () => {
  const [own, other] = both();
  expect(await own.saveMonitors([someMonitor()])).toEqual([]);
  const before = await database.sql`select xmin::text, * from monitors`;
  const foreign = await other.saveMonitors([someMonitor({ name: 'Theirs' })]);
  expect(foreign).toEqual([{ id: 'm', storedUnder: identities[0] }]);
  expect(await other.findUnlistedMonitors(new Set())).toEqual({ present: 0, unlisted: [] });
  await other.markMonitorsAbsent(['m']);
  expect(await database.sql`select xmin::text, * from monitors`).toEqual(before);
  await close();
});

test('a monitor that is absent is no longer unlisted, and is present once it shows up', async () => {
  const [own] = both();
  await own.saveMonitors([someMonitor(), someMonitor({ id: 'listed' })]);
  const listed = new Set(['listed']);
  expect(await own.findUnlistedMonitors(listed)).toEqual({ present: 2, unlisted: ['m'] });
  await own.markMonitorsAbsent(['m']);
  expect(await own.findUnlistedMonitors(listed)).toEqual({ present: 1, unlisted: [] });
  await own.saveMonitors([someMonitor()]);
  expect(await own.findUnlistedMonitors(listed)).toEqual({ present: 2, unlisted: ['m'] });
  await close();
});

test('a run is marked absent under its own monitor only, and loses the mark when it shows up', async () => {
  const [own] = both();
  await own.saveRun(someRun(), 1);
  await own.markRunsAbsent('another', ['r'], 2);
  expect(await countAbsentRuns()).toBe(0);
  await own.markRunsAbsent('m', ['r'], 2);
  expect(await countAbsentRuns()).toBe(1);
  await own.saveRun(someRun(), 3);
  expect(await countAbsentRuns()).toBe(0);
  await close();
});

test('a rejected run is counted until it is accepted, and not while its monitor is absent', async () => {
  const [own] = both();
  await own.saveMonitors([someMonitor()]);
  await own.saveRejectedRun({ key: 'r', monitorId: 'm', payload: { id: 'r' }, reason: 'no date' });
  expect(await own.countRejectedRuns()).toBe(1);
  await own.markMonitorsAbsent(['m']);
  expect(await own.countRejectedRuns()).toBe(0);
  await own.saveMonitors([someMonitor()]);
  await own.savePage(pageOf([someRun()], { answer: 2 }));
  expect(await own.countRejectedRuns()).toBe(0);
  await close();
});

test('what a run found is written with it, by a page and by a run alone', async () => {
  const [, own] = both();
  await own.savePage(pageOf([completedRun('r1', someInstant, { output })]));
  await own.saveRun(completedRun('r2', someInstant, { output }), 2);
  expect(await database.sql`select run_id, url from monitor_run_results order by run_id`).toEqual(
    ['r1', 'r2'].map((id) => ({ run_id: id, url: 'https://a.example' })),
  );
  expect(await database.sql`select from monitor_run_outputs`).toHaveLength(2);
  await close();
});

test('a second cycle finds the lock held, and gets it once the first is closed', async () => {
  await expect(store.openCycle('schedule', someInstant)).rejects.toBeInstanceOf(LockHeldError);
  await close();
  const next = await store.openCycle('schedule', someInstant);
  expect(next.id).toBeGreaterThan(cycle.id);
  await next.close(outcomeOf('succeeded'), someInstant);
});

test('a cycle whose lock is lost is told, and writes nothing more', async () => {
  const [own] = both();
  await endLockHolder(database.sql);
  await expect(own.savePage(pageOf([someRun()]))).rejects.toBeInstanceOf(StopCycleError);
  await expect(own.saveMonitors([someMonitor()])).rejects.toBeInstanceOf(StopCycleError);
  await expect.poll(() => cycle.lockLost.aborted).toBe(true);
  expect(await database.sql`select from monitor_runs`).toHaveLength(0);
  const next = await store.openCycle('manual', someInstant);
  expect(await database.sql`select status from sync_cycles where id = ${cycle.id}`).toEqual([
    { status: 'interrupted' },
  ]);
  await next.close(outcomeOf('succeeded'), someInstant);
});
