/** Where a cycle ends that would otherwise not, and what one source of it may not do to the others. */
import { expect, test, vi } from 'vitest';
import type { ExaSource } from '../../src/exa/source.ts';
import type { SourceIdentity } from '../../src/sync/ports.ts';
import { CrashingStore } from './crashing-store.ts';
import { endLockHolder } from './lock-holder.ts';
import { createSmallAccount } from './small-account.ts';
import { serveSmallAccount, startSync } from './sync-process.ts';
import { hourMs, minuteMs, useSyncKit, type SyncKit } from './sync-kit.ts';
import { servedBySearch, servedByWebsets } from './served-rows.ts';
import { compareSource, expectTruth } from './truth.ts';

// Some start the program as a process of its own.
vi.setConfig({ testTimeout: 60_000 });

/** Two accounts with both APIs each; ids say where they belong. */
function useFourSources(): Promise<SyncKit> {
  return useSyncKit({
    account: (clock) => {
      const account = createSmallAccount(clock, { monitors: 2, runs: 5 });
      account.search.addMonitor({ id: 's1', firesOnSchedule: false });
      for (let run = 1; run <= 5; run += 1)
        account.search.addRun('s1', { id: `s1-r${run}`, outcome: 'completed' });
      return account;
    },
    otherAccount: (clock) => {
      const account = createSmallAccount(clock, { monitors: 0 });
      account.addMonitor({ id: 'other-m1', firesOnSchedule: false });
      account.addRun('other-m1', { id: 'other-m1-r1', outcome: 'completed' });
      return account;
    },
    apis: ['websets', 'search'],
  });
}

/** The Search Monitors of one account go on for ever. */
function endlessListing(source: ExaSource, { account, api }: SourceIdentity): ExaSource {
  if (account !== 'default' || api !== 'search') return source;
  let made = 0;
  return {
    ...source,
    listMonitors: async () => {
      const page = await source.listMonitors(null);
      const unreadable = Array.from({ length: 50_000 }, () => ({
        id: `made up ${(made += 1)}`,
        reason: 'none',
      }));
      return { ...page, unreadable, hasMore: true, nextCursor: `cursor ${made}` };
    },
  };
}

test('a listing without end is the failure of its source, and of no other', async () => {
  const kit = await useFourSources();
  const { outcome } = await kit.cycle({ wrapSource: endlessListing });
  expect(outcome.sources.map(({ status }) => status)).toEqual([
    'succeeded',
    'failed',
    'succeeded',
    'succeeded',
  ]);
  expect(outcome).toMatchObject({
    status: 'partial',
    error: expect.stringContaining('default/search: monitors: the listing has no end'),
  });
});

test('a monitor that a person named is missing only where no source lists it', async () => {
  const kit = await useFourSources();
  const named = await kit.cycle({ only: new Set(['s1', 'other-m1']) });
  expect(named.outcome).toMatchObject({
    status: 'succeeded',
    monitors: { seen: 2, walked: 2, failed: 0 },
    runs: { inserted: 6 },
  });
  const missing = await kit.cycle({ only: new Set(['s1', 'nowhere']) });
  expect(missing.outcome).toMatchObject({
    status: 'partial',
    error: expect.stringContaining('1 of 1 monitors failed'),
    monitors: { seen: 2, failed: 1 },
  });
});

test('where a source cannot be read, no monitor is called missing', async () => {
  const kit = await useFourSources();
  const failures: string[] = [];
  kit.simulator.setFaults(({ api }) => (api === 'search' ? { kind: 'refuse', because: 'credits' } : null));
  const { outcome } = await kit.cycle({
    only: new Set(['m1', 's1']),
    observe: (event) => {
      if (event.type === 'monitor-failed') failures.push(event.error.message);
    },
  });
  expect(outcome).toMatchObject({ status: 'partial', monitors: { walked: 1, failed: 0 } });
  expect(failures).toEqual([]);
});

test('a cycle that takes too long fails with what it has read, and the next ones go on from there', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { monitors: 3, runs: 12 }),
    pageSize: 2,
  });
  const { account, clock, simulator, testDatabase } = kit;
  simulator.setFaults(() => {
    clock.advance(minuteMs);
    return null;
  });
  const stored = async (): Promise<number> => {
    const [row] = await testDatabase.sql<[{ runs: number }]>`select count(*)::int as runs from monitor_runs`;
    return row.runs;
  };
  const first = await kit.cycle({ longestMs: 10 * minuteMs, concurrency: 1 });
  expect(first.outcome).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/has taken 10 minutes.*SYNC_MAX_MINUTES/),
  });
  expect(first.requests).toBe(10);
  expect(await stored()).toBeGreaterThanOrEqual(2 * 5);
  let cycles = 1;
  for (let status = ''; status !== 'succeeded'; cycles += 1) {
    status = (await kit.cycle({ longestMs: 10 * minuteMs })).outcome.status;
    expect(cycles).toBeLessThan(9);
  }
  simulator.setFaults(null);
  await expectTruth(testDatabase.sql, account);
});

test('a list of runs without end ends with the cycle, and keeps no other monitor from being read', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 2, runs: 5 }) });
  const { clock, testDatabase } = kit;
  let made = 0;
  const endless = (source: ExaSource): ExaSource => ({
    ...source,
    listRuns: async (monitorId, cursor) => {
      clock.advance(minuteMs);
      const page = await source.listRuns(monitorId, null);
      if (monitorId !== 'm1') return page;
      made += page.runs.length;
      const runs = page.runs.map((run, index) => ({ ...run, id: `made up ${made + index}` }));
      return { ...page, runs, hasMore: true, nextCursor: `after ${cursor} ${made}` };
    },
  });
  const { outcome } = await kit.cycle({ wrapSource: endless, longestMs: hourMs });
  expect(outcome.status).toBe('failed');
  expect(await testDatabase.sql`select from monitor_runs where monitor_id = 'm2'`).toHaveLength(5);
});

test('the program ends a cycle that takes longer than SYNC_MAX_MINUTES, and goes on with the next', async () => {
  const served = await serveSmallAccount({ runs: 12 });
  let pages = 0;
  // Some pages come at once, and then one takes longer than the whole cycle may.
  served.simulator.setFaults(({ endpoint }) => {
    if (endpoint === 'runs') pages += 1;
    if (pages === 3) served.simulator.setLatencyMs(10_000);
    return null;
  });
  const slow = startSync(served, { pageSize: 1, timeoutMs: 60_000, args: ['--sync-max-minutes', '0.15'] });
  expect(await slow.ended()).toBe(1);
  expect(slow.output()).toContain('the cycle has taken 0.15 minutes');
  const [{ runs }] = await served.database.sql<
    [{ runs: number }]
  >`select count(*)::int as runs from monitor_runs`;
  expect(runs).toBeGreaterThan(0);
  expect(runs).toBeLessThan(12);

  served.simulator.setLatencyMs(0);
  const cursors: (string | null)[] = [];
  served.simulator.setFaults(({ endpoint, cursor }) => {
    if (endpoint === 'runs') cursors.push(cursor);
    return null;
  });
  await startSync(served, { pageSize: 1 }).succeeded();
  expect(cursors[0]).toEqual(expect.any(String));
  expect(await served.database.sql`select from monitor_runs`).toHaveLength(12);
});

/** Pages lack a stored run, and one that is new. */
function lackingRuns(source: ExaSource): ExaSource {
  return {
    ...source,
    listRuns: async (monitorId, cursor) => {
      const page = await source.listRuns(monitorId, cursor);
      return { ...page, runs: page.runs.filter(({ id }) => id !== 'm1-r5' && id !== 'passed over') };
    },
  };
}

test('a crash between a page in doubt and the end of the doubt leaves the monitor to be looked at again', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 6 }) });
  const { account, clock, testDatabase } = kit;
  await kit.cycle();
  clock.advance(minuteMs);
  account.addRun('m1', { id: 'passed over', outcome: 'completed' });
  account.addRun('m1', { id: 'new', outcome: 'completed' });
  // The listing and the page are written; the process dies before the run is asked for that the page lacks.
  const store = new CrashingStore(kit.store, [{ atWrite: 3, when: 'before' }]);
  await kit.cycle({ wrapSource: lackingRuns, wrapStore: () => store.asStore() });
  expect(store.dead).toBe(true);
  await endLockHolder(testDatabase.sql);

  expect((await kit.cycle()).outcome).toMatchObject({ status: 'succeeded', monitors: { walked: 1 } });
  await expectTruth(testDatabase.sql, account);
  expect((await kit.cycle()).outcome.monitors).toMatchObject({ skipped: 1 });
});

test('a page from a server that lags behind hides no run of a source whose listing shows none', async () => {
  const kit = await useFourSources();
  const { account, clock, simulator, testDatabase } = kit;
  account.search.addRun('s1', { id: 'slow' });
  await kit.cycle();
  clock.advance(10 * minuteMs);
  account.search.finishRun('s1', 'slow', { status: 'completed' });
  await kit.cycle();
  account.search.addRun('s1', { id: 'started by hand', outcome: 'completed' });
  simulator.setFaults(({ endpoint, api }) =>
    endpoint === 'runs' && api === 'search' ? { kind: 'lag', byMs: 5 * minuteMs } : null,
  );
  await kit.cycle({ full: true });
  simulator.setFaults(null);
  clock.advance(minuteMs);
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  const [, search] = await kit.identities();
  const differences = await compareSource(testDatabase.sql, search?.id ?? 0, servedBySearch(account.search));
  expect(Object.values(differences).flat()).toEqual([]);
});

test('what runs found is asked for by id once where their list does not show it', async () => {
  const kit = await useFourSources();
  const { account, clock, simulator, testDatabase } = kit;
  const { search } = account;
  search.quirks.listedOutputs = 'missing';
  search.addRun('s1', { id: 'found nothing', outcome: { status: 'completed', output: null } });
  const [websets, ofSearch] = await kit.identities();
  const expectWhole = async (): Promise<void> => {
    const { sql } = testDatabase;
    const differences = [
      await compareSource(sql, websets?.id ?? 0, servedByWebsets(account)),
      await compareSource(sql, ofSearch?.id ?? 0, servedBySearch(search)),
    ];
    expect(differences.flatMap((each) => Object.values(each).flat())).toEqual([]);
  };
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  expect(simulator.requests.counts.byEndpoint.run).toBe(6);
  await expectWhole();

  simulator.requests.reset();
  clock.advance(minuteMs);
  expect((await kit.cycle({ full: true })).outcome.status).toBe('succeeded');
  expect(simulator.requests.counts.byEndpoint.run).toBe(0);
  await expectWhole();
});

test('a crash between a page and what its runs found loses none of it', async () => {
  const kit = await useFourSources();
  const { account, testDatabase } = kit;
  account.search.quirks.listedOutputs = 'missing';
  const [, search] = await kit.identities();
  // The second write is the first run's output, or the page.
  for (const atWrite of [4, 6, 8]) {
    const store = new CrashingStore(kit.store, [{ atWrite, when: 'after' }]);
    await kit.cycle({ wrapStore: () => store.asStore(), concurrency: 1 });
    expect(store.dead).toBe(true);
    await endLockHolder(testDatabase.sql);
  }
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  const differences = await compareSource(testDatabase.sql, search?.id ?? 0, servedBySearch(account.search));
  expect(Object.values(differences).flat()).toEqual([]);
});

test('a cycle after the bookkeeping was truncated takes no row of an earlier one for its own', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 0 }) });
  const { simulator, testDatabase } = kit;
  await kit.cycle();
  await testDatabase.sql`truncate sync_cycles restart identity`;
  simulator.setFaults(() => ({ kind: 'refuse', because: 'credits' }));
  const { cycleId } = await kit.cycle();
  const rows = await testDatabase.sql`select status from sync_cycle_sources where cycle_id = ${cycleId}`;
  expect([...rows]).toEqual([{ status: 'failed' }]);
});
