import { expect, test } from 'vitest';
import type { MonitorSource } from '../../src/sync/ports.ts';
import type { VerifyReport } from '../../src/sync/verify/verify-ports.ts';
import { verifyWarehouse, type VerifyInput } from '../../src/sync/verify/verify-warehouse.ts';
import { createVerifyStore } from '../../src/warehouse/reads/verify-store.ts';
import { createSmallAccount } from './small-account.ts';
import { serveSmallAccount, startSync } from './sync-process.ts';
import { hourMs, minuteMs, useSyncKit, type SyncKit } from './sync-kit.ts';

const nothing = { missing: 0, stale: 0, extra: 0, rejected: 0 };

function verify(kit: SyncKit, changes: Partial<VerifyInput> = {}): Promise<VerifyReport> {
  return verifyWarehouse({
    source: kit.source(),
    store: createVerifyStore(kit.database, 1),
    only: null,
    sample: null,
    concurrency: 4,
    signal: new AbortController().signal,
    observe: () => undefined,
    ...changes,
  });
}

async function everyTable({ testDatabase }: SyncKit): Promise<readonly object[]> {
  return testDatabase.sql`
    select 'run' as kind, id, xmin::text, ctid::text from monitor_runs
    union all select 'monitor', id, xmin::text, ctid::text from monitors
    union all select 'checkpoint', monitor_id, xmin::text, ctid::text from sync_checkpoints
    union all select 'cycle', id::text, xmin::text, ctid::text from sync_cycles order by 1, 2`;
}

test.each(['descending', 'ascending'] as const)(
  'an exact warehouse is equal, and nothing is written (%s)',
  async (runOrder) => {
    const kit = await useSyncKit({
      account: (clock) =>
        createSmallAccount(clock, { monitors: 3, runs: 11, stepMs: 0, quirks: { runOrder } }),
      pageSize: 4,
    });
    kit.account.addRun('m1');
    await kit.cycle();
    const before = await everyTable(kit);
    kit.simulator.requests.reset();

    expect(await verify(kit)).toEqual({
      equal: true,
      monitorsCompared: 3,
      monitorsFailed: 0,
      runsCompared: 34,
      monitors: nothing,
      runs: nothing,
      findings: [],
      unlisted: [],
    });
    expect(await everyTable(kit)).toEqual(before);
    // The open run is newer than all that the ascending list shows before it.
    expect(kit.simulator.requests.counts.byEndpoint.run).toBeLessThanOrEqual(
      runOrder === 'ascending' ? 1 : 0,
    );
  },
);

test.each([1, 3, 200])(
  'missing, stale and extra runs are found, by monitor and with their columns (%i a page)',
  async (pageSize) => {
    const kit = await useSyncKit({
      account: (clock) => createSmallAccount(clock, { monitors: 2, runs: 9 }),
      pageSize,
    });
    const { account, clock, testDatabase } = kit;
    await kit.cycle();
    account.addRun('m1', { id: 'new' });
    account.updateRun('m1', 'm1-r4', { outcome: { status: 'failed', atMs: clock.now(), failedReason: 'x' } });
    await testDatabase.sql`update monitor_runs set absent_since = now() where id = 'm1-r6'`;
    await testDatabase.sql`delete from monitor_runs where id = 'm1-r1'`;
    for (const id of ['m1-r2', 'm1-r5', 'm1-r9']) account.deleteRun('m1', id);

    const report = await verify(kit);

    expect(report).toMatchObject({ equal: false, runs: { missing: 2, stale: 2, extra: 3, rejected: 0 } });
    expect(report.findings).toHaveLength(1);
    const { monitorId, differences } = report.findings[0] ?? {};
    expect(monitorId).toBe('m1');
    expect(differences?.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
      { kind: 'missing', id: 'm1-r1', columns: [] },
      { kind: 'extra', id: 'm1-r2', columns: [] },
      {
        kind: 'stale',
        id: 'm1-r4',
        columns: ['status', 'updated_at', 'completed_at', 'failed_at', 'failed_reason'],
      },
      { kind: 'extra', id: 'm1-r5', columns: [] },
      { kind: 'stale', id: 'm1-r6', columns: ['absent_since'] },
      { kind: 'extra', id: 'm1-r9', columns: [] },
      { kind: 'missing', id: 'new', columns: [] },
    ]);

    await kit.cycle({ full: true });
    expect((await verify(kit)).equal).toBe(true);
  },
);

test('runs that share an instant over the edges of pages are told apart', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { runs: 10, stepMs: 0 }),
    pageSize: 3,
  });
  const { account, clock, testDatabase } = kit;
  account.addRun('m1', { id: 'older', createdAtMs: clock.now() - 5 * hourMs, outcome: 'completed' });
  await kit.cycle();
  account.deleteRun('m1', 'm1-r5');
  await testDatabase.sql`delete from monitor_runs where id = 'm1-r8'`;

  expect((await verify(kit)).runs).toEqual({ ...nothing, extra: 1, missing: 1 });
});

test('a list in no order is verified as well', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 9 }), pageSize: 2 });
  const { account } = kit;
  await kit.cycle();
  account.quirks.runOrder = 'ascending';
  account.deleteRun('m1', 'm1-r3');
  account.deleteRun('m1', 'm1-r9');

  expect((await verify(kit)).runs).toEqual({ ...nothing, extra: 2 });
});

test('a run that changes and is synced while it is verified is no difference', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 9 }), pageSize: 3 });
  const { account, clock } = kit;
  account.addRun('m1', { id: 'open' });
  await kit.cycle();
  let synced = false;
  const source = kit.source();
  const meanwhile: MonitorSource = {
    ...source,
    listRuns: async (monitorId, cursor) => {
      const page = await source.listRuns(monitorId, cursor);
      if (!synced) {
        synced = true;
        clock.advance(minuteMs);
        account.finishRun('m1', 'open', { status: 'completed' });
        account.deleteRun('m1', 'm1-r2');
        await kit.cycle({ full: true });
      }
      return page;
    },
  };

  expect(await verify(kit, { source: meanwhile })).toMatchObject({ equal: true });
});

test('monitors are compared too: missing, stale, extra, unreadable', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 5, runs: 2 }) });
  const { account, clock, testDatabase } = kit;
  await kit.cycle();
  account.updateMonitor('m1', { metadata: { team: 'new' } });
  account.deleteMonitor('m2');
  account.addMonitor({ id: 'm9', createdAtMs: clock.now() });
  account.updateMonitor('m4', { overlay: { omit: ['createdAt'] } });

  const report = await verify(kit);
  expect(report).toMatchObject({
    equal: false,
    monitorsFailed: 1,
    monitors: { missing: 1, stale: 1, extra: 1, rejected: 0 },
    runs: nothing,
  });
  expect(report.findings.find(({ monitorId }) => monitorId === 'm1')?.monitor).toEqual({
    kind: 'stale',
    id: 'm1',
    columns: ['metadata', 'updated_at'],
  });
  expect(report.findings.find(({ monitorId }) => monitorId === 'm4')?.error).toContain('createdAt');
  expect(await testDatabase.sql`select from monitors where absent_since is not null`).toHaveLength(0);
});

test('a monitor whose list cannot be read is not equal', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { monitors: 2, runs: 9 }),
    pageSize: 3,
  });
  await kit.cycle();
  kit.simulator.setFaults(({ monitorId, cursor }) =>
    monitorId === 'm2' && cursor !== null ? { kind: 'hasMoreWithoutCursor' } : null,
  );

  expect(await verify(kit)).toMatchObject({
    equal: false,
    monitorsFailed: 1,
    findings: [{ monitorId: 'm2', error: expect.stringContaining('gives no cursor') }],
  });
});

test('a run that cannot become a row keeps the warehouse from being equal', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  kit.account.updateRun('m1', 'm1-r5', { overlay: { fields: { createdAt: 'yesterday' } } });
  await kit.cycle();

  expect(await verify(kit)).toMatchObject({ equal: false, runs: { ...nothing, rejected: 1 } });
});

test('only some monitors, named or chosen by a seed', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 12, runs: 3 }) });
  await kit.cycle();
  await kit.testDatabase.sql`delete from monitor_runs where monitor_id <> 'm3'`;

  expect(await verify(kit, { only: new Set(['m3']) })).toMatchObject({ equal: true, monitorsCompared: 1 });
  expect(await verify(kit, { only: new Set(['m3', 'nobody']) })).toMatchObject({
    equal: false,
    monitorsFailed: 1,
  });
  const chosenBy = async (seed: number): Promise<string[]> => {
    const { findings } = await verify(kit, { sample: { size: 4, seed } });
    return findings.map(({ monitorId }) => monitorId).toSorted();
  };
  const chosen = await chosenBy(1);
  expect(chosen.length).toBeGreaterThanOrEqual(3);
  expect(await chosenBy(1)).toEqual(chosen);
  expect(await chosenBy(2)).not.toEqual(chosen);
});

test('a warehouse that lacks a whole list is not asked about run by run', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { runs: 300, stepMs: hourMs }),
  });
  await kit.cycle();
  await kit.testDatabase.sql`truncate monitor_runs`;
  kit.simulator.requests.reset();
  const report = await verify(kit);

  expect(report.runs).toEqual({ ...nothing, missing: 300 });
  expect(kit.simulator.requests.counts.byEndpoint.run).toBe(100);
  expect(report.findings[0]?.differences).toHaveLength(100);
});

test('a run counts once, however often and long after the first hundred differences it is shown', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { runs: 300, stepMs: hourMs }),
    pageSize: 50,
  });
  const { account, simulator, testDatabase } = kit;
  await kit.cycle();
  await testDatabase.sql`delete from monitor_runs where id like '%0'`;
  // 135 are extra; of the 165 that are left, 30 are missing.
  for (let run = 151; run <= 300; run += 1) if (run % 10 !== 0) account.deleteRun('m1', `m1-r${run}`);
  account.updateRun('m1', 'm1-r1', { overlay: { fields: { createdAt: '2026-03-10T11:30:00.000Z' } } });
  simulator.setFaults(({ cursor }) => (cursor === null ? null : { kind: 'repeatRows', rows: 20 }));

  // The last run of the list is dated out of order, so that the list is read once more.
  expect(await verify(kit)).toMatchObject({
    runsCompared: 165,
    runs: { ...nothing, missing: 30, stale: 1, extra: 135 },
  });
});

test('a key that the API refuses ends a verification at once', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 50, runs: 2 }) });
  await kit.cycle();
  kit.simulator.setFaults(({ endpoint }) => (endpoint === 'runs' ? { kind: 'status', status: 401 } : null));
  const before = kit.simulator.requests.total;

  await expect(verify(kit)).rejects.toThrow('HTTP 401');
  expect(kit.simulator.requests.total - before).toBeLessThanOrEqual(1 + 4);
});

test(
  'the command prints what differs and exits with 0 only when nothing does',
  { timeout: 60_000 },
  async () => {
    const served = await serveSmallAccount({ monitors: 2, runs: 4 });
    const { account, database } = served;
    await startSync(served).succeeded();
    const equal = startSync(served, { command: 'verify' });
    expect(await equal.ended()).toBe(0);
    expect(equal.output()).toContain('Equal: 8 runs of 2 monitors compared');

    await database.sql`delete from monitor_runs where id = 'm1-r2'`;
    account.updateRun('m2', 'm2-r4', { outcome: null });
    const different = startSync(served, { command: 'verify' });
    expect(await different.ended()).toBe(1);
    expect(different.output()).toContain('m1-r2 missing');
    expect(different.output()).toContain('m2-r4 stale (status, updated_at, completed_at)');

    const json = startSync(served, {
      command: 'verify',
      args: ['--json', '--monitor', 'm1', '--sample', '1', '--seed', '7'],
    });
    expect(await json.ended()).toBe(1);
    expect(json.output()).toContain('{"equal":false,"monitorsCompared":1,');
    const wrong = startSync(served, { command: 'verify', args: ['--sample', 'some'] });
    expect(await wrong.ended()).toBe(2);
  },
);
