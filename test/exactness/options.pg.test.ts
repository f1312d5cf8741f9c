import { expect, test } from 'vitest';
import { CrashingStore } from './crashing-store.ts';
import { interruptAtPage } from './interruptions.ts';
import { endLockHolder } from './lock-holder.ts';
import { createSmallAccount } from './small-account.ts';
import { dayMs, hourMs, minuteMs, useSyncKit } from './sync-kit.ts';
import { compareWithTruth, expectTruth } from './truth.ts';

test('a full cycle finds what no listing shows: a corrected old run and one that appeared late', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 40 }), pageSize: 5 });
  const { account, clock, testDatabase } = kit;
  await kit.cycle();
  account.updateRun('m1', 'm1-r3', {
    outcome: { status: 'failed', atMs: clock.now() - 9 * dayMs, failedReason: 'corrected' },
  });
  account.addRun('m1', { id: 'late', createdAtMs: clock.now() - 8 * dayMs, outcome: 'completed' });
  expect((await kit.cycle()).requests).toBe(1);
  expect(await compareWithTruth(testDatabase.sql, account)).toMatchObject({
    lost: [expect.stringContaining('late')],
  });

  await kit.cycle({ full: true });
  await expectTruth(testDatabase.sql, account);
});

test('since reads down to its date, and no further', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 40 }), pageSize: 4 });
  const { account, clock, testDatabase } = kit;
  await kit.cycle();
  account.updateRun('m1', 'm1-r30', {
    outcome: { status: 'failed', atMs: clock.now(), failedReason: 'corrected' },
  });
  account.updateRun('m1', 'm1-r3', {
    outcome: { status: 'failed', atMs: clock.now(), failedReason: 'too old' },
  });

  const since = await kit.cycle({ since: new Date(clock.now() - 3 * dayMs).toISOString() });

  expect(since.requests).toBe(1 + 4);
  const differences = await compareWithTruth(testDatabase.sql, account);
  expect(differences.stale.every((line) => line.includes('m1-r3:'))).toBe(true);
});

test('since on an empty warehouse claims nothing: the next cycle reads all', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 20 }), pageSize: 4 });
  const { account, clock, testDatabase } = kit;
  const since = await kit.cycle({ since: new Date(clock.now() - dayMs).toISOString() });
  expect(since.requests).toBe(1 + 2);
  const freshness = await kit.testDatabase.sql`select covered_through, is_stale from sync_freshness`;
  expect(freshness).toEqual([
    { covered_through: null, is_stale: true },
    { covered_through: null, is_stale: true },
  ]);

  await kit.cycle();
  await expectTruth(testDatabase.sql, account);
});

test('since goes on with an unfinished walk first, also when its cursor is refused', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 12 }), pageSize: 3 });
  const { account, clock, simulator, testDatabase } = kit;
  const interrupted = new AbortController();
  simulator.setFaults(({ endpoint, cursor }) => {
    if (endpoint === 'runs' && cursor !== null) interrupted.abort();
    return null;
  });
  await kit.cycle({ signal: interrupted.signal });
  let refused = 0;
  simulator.setFaults(({ cursor, endpoint }) => {
    if (endpoint !== 'runs' || cursor === null || refused >= 2) return null;
    refused += 1;
    return { kind: 'refuseCursor', status: 400 };
  });
  const since = await kit.cycle({ since: new Date(clock.now() - dayMs).toISOString() });

  expect(since.outcome.status).toBe('succeeded');
  // Listing, the refused cursor with and without limit, the walk from the top, and the two pages of the last day.
  expect(since.requests).toBe(1 + 2 + 4 + 2);
  await expectTruth(testDatabase.sql, account);
});

test('only reads the named monitors, and an unknown one makes the cycle partial', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 3 }) });
  const { account, testDatabase } = kit;
  const only = await kit.cycle({ only: new Set(['m2']) });
  expect(only.outcome).toMatchObject({ status: 'succeeded', monitors: { seen: 1, walked: 1 } });
  expect(await testDatabase.sql`select distinct monitor_id from monitor_runs`).toEqual([
    { monitor_id: 'm2' },
  ]);
  expect(await testDatabase.sql`select id from monitors`).toEqual([{ id: 'm2' }]);

  const unknown = await kit.cycle({ only: new Set(['m2', 'nobody']) });
  expect(unknown.outcome).toMatchObject({ status: 'partial', monitors: { failed: 1 } });
  await kit.cycle();
  await expectTruth(testDatabase.sql, account);
});

test('a resumed walk is followed by an incremental one for what came since it began', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 12 }), pageSize: 3 });
  const { account, clock, simulator, testDatabase } = kit;
  const interrupted = new AbortController();
  simulator.setFaults(({ endpoint, cursor }) => {
    if (endpoint === 'runs' && cursor !== null) interrupted.abort();
    return null;
  });
  const first = await kit.cycle({ signal: interrupted.signal });
  simulator.setFaults(null);
  expect(first.outcome.status).toBe('interrupted');
  // The page at hand was kept.
  expect(first.outcome.runs.inserted).toBe(6);

  clock.advance(minuteMs);
  account.addRun('m1', { id: 'since', outcome: 'completed' });
  const second = await kit.cycle();

  // Listing, the two pages that were left, and the newest two: the overlap of a day spans four runs.
  expect(second.requests).toBe(1 + 2 + 2);
  await expectTruth(testDatabase.sql, account);
});

test('a stored cursor that the API refuses starts the walk again, once', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 12 }), pageSize: 3 });
  const { account, simulator, testDatabase } = kit;
  const interrupted = new AbortController();
  simulator.setFaults(({ endpoint, cursor }) => {
    if (endpoint === 'runs' && cursor !== null) interrupted.abort();
    return null;
  });
  await kit.cycle({ signal: interrupted.signal });
  simulator.setFaults(({ cursor, endpoint }) =>
    endpoint === 'runs' && cursor !== null ? { kind: 'refuseCursor', status: 404 } : null,
  );
  const refused = await kit.cycle();
  expect(refused.outcome).toMatchObject({ status: 'partial', monitors: { failed: 1 } });
  // The listing, the stored cursor, page one, its cursor: then it is given up. (No limit is left out on a 404.)
  expect(refused.requests).toBe(1 + 1 + 1 + 1);

  simulator.setFaults(null);
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);
});

test('what no listing has shown is not covered: after a first sync of one monitor of three nothing is', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 3, runs: 2 }) });
  const { clock, account, testDatabase } = kit;
  const freshness = async () => {
    // By the clock of the database, which is not that of the kit.
    await testDatabase.sql`update monitors set first_synced_at = '2026-03-01'`;
    const [all] = await testDatabase.sql<{ covered: boolean; fresh: boolean }[]>`
      select covered_through is not null as covered, covered_through = (select max(started_at) from sync_cycles) as fresh
      from sync_freshness where scope = 'all'`;
    return all;
  };
  await kit.cycle({ only: new Set(['m1']) });
  expect(await freshness()).toEqual({ covered: false, fresh: null });
  await kit.cycle();
  expect(await freshness()).toEqual({ covered: true, fresh: true });

  // A monitor that is new, and a cycle that does not ask for it.
  clock.advance(hourMs);
  account.addMonitor({ id: 'm4', firesOnSchedule: false, createdAtMs: clock.now() });
  await testDatabase.sql`delete from monitors where id in ('m2', 'm3')`;
  account.addRun('m1', { id: 'later', outcome: 'completed' });
  await kit.cycle({ only: new Set(['m1']) });
  expect(await freshness()).toEqual({ covered: true, fresh: false });
  expect(await testDatabase.sql`select asks_for_all from sync_cycles order by id`).toEqual(
    [false, true, false].map((all) => ({ asks_for_all: all })),
  );
});

test('a monitor skipped for its evidence is read when its schedule moves on', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  const { account, clock, testDatabase } = kit;
  await kit.cycle();
  account.addRun('m1', { id: 'hidden', outcome: 'completed' });
  account.quirks.lastRun = { lateByRuns: 1 };
  expect((await kit.cycle()).requests).toBe(1);

  clock.advance(20 * hourMs);
  await kit.cycle();
  await expectTruth(testDatabase.sql, account);
});

test('the schedule of today is no evidence for what a resumed walk saw yesterday', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { runs: 9 }),
    pageSize: 3,
  });
  const { account, clock, simulator, testDatabase } = kit;
  await kit.cycle();
  const interruption = interruptAtPage(1);
  simulator.setFaults(interruption.faults);
  await kit.cycle({ full: true, signal: interruption.signal });
  simulator.setFaults(null);

  // A scheduled run fires; `lastRun` does not show it yet, only `nextRunAt` has moved.
  clock.advance(20 * hourMs);
  account.addRun('m1', { id: 'fired', outcome: 'completed' });
  account.quirks.lastRun = { lateByRuns: 1 };
  // The process dies when the resumed walk has ended and the one from the top has not begun.
  const store = new CrashingStore(kit.store, [{ atWrite: 4, when: 'before' }]);
  await kit.cycle({ wrapStore: () => store.asStore() });
  expect(store.dead).toBe(true);
  await endLockHolder(testDatabase.sql);
  expect(await testDatabase.sql`select from sync_checkpoints where unfinished_walk is null`).toHaveLength(1);

  await kit.cycle();
  await expectTruth(testDatabase.sql, account);
});
