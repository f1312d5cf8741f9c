/** Bugs that other tools had to find out about the hard way, each as it would look here. */
import { expect, test } from 'vitest';
import { CrashingStore, type Crash } from './crashing-store.ts';
import { interruptAtPage } from './interruptions.ts';
import { endLockHolder } from './lock-holder.ts';
import { createSmallAccount } from './small-account.ts';
import { dayMs, hourMs, minuteMs, useSyncKit, type SyncKit } from './sync-kit.ts';
import { compareWithTruth, expectTruth } from './truth.ts';

/** A cycle whose process dies; its connections, and the lock with them, end. */
async function crash(kit: SyncKit, at: Crash): Promise<void> {
  const store = new CrashingStore(kit.store, [at]);
  await kit.cycle({ wrapStore: () => store.asStore() });
  expect(store.dead).toBe(true);
  await endLockHolder(kit.testDatabase.sql);
}

/** stripe/sync-engine wrote rows and cursor apart: a kill between them left half a page behind its checkpoint. */
test.each([1, 2, 3, 4, 5])(
  'a checkpoint never runs ahead of the rows that it claims, killed at write %i',
  async (atWrite) => {
    for (const when of ['before', 'after'] as const) {
      const kit = await useSyncKit({
        account: (clock) => createSmallAccount(clock, { runs: 12 }),
        pageSize: 4,
      });
      const { account, testDatabase } = kit;
      await crash(kit, { atWrite, when });
      const [walk] = await testDatabase.sql<{ walk_pages: number | null; synced_through: string | null }[]>`
      select (unfinished_walk -> 'pages')::int as walk_pages, synced_through from sync_checkpoints`;
      const [stored] = await testDatabase.sql<
        { runs: number }[]
      >`select count(*)::int as runs from monitor_runs`;
      const pagesClaimed = walk?.synced_through != null ? 3 : (walk?.walk_pages ?? 0);
      expect(stored?.runs).toBe(4 * pagesClaimed);

      expect((await kit.cycle()).outcome.status).toBe('succeeded');
      await expectTruth(testDatabase.sql, account);
    }
  },
);

/** stripe/sync-engine #300: an error inside a sync was swallowed, and the sync reported success. */
test('an error of one monitor never becomes success: the cycle is partial and SQL can read why', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 3 }) });
  const { account, simulator, testDatabase } = kit;
  simulator.setFaults(({ monitorId }) => (monitorId === 'm2' ? { kind: 'status', status: 500 } : null));
  const cycle = await kit.cycle();

  expect(cycle.outcome).toMatchObject({ status: 'partial', monitors: { walked: 2, failed: 1 } });
  const [record] = await testDatabase.sql`select status, monitors_failed, error from sync_cycles`;
  expect(record).toEqual({ status: 'partial', monitors_failed: 1, error: '1 of 3 monitors failed' });
  const [checkpoint] = await testDatabase.sql`
    select last_error, consecutive_failures, synced_through from sync_checkpoints where monitor_id = 'm2'`;
  expect(checkpoint).toMatchObject({ consecutive_failures: 1, synced_through: null });
  expect(checkpoint?.['last_error']).toMatch(/list runs of monitor m2: HTTP 500 .*request id/);

  simulator.setFaults(null);
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);
});

/** airbyte #15427: rows that share the cursor's time with the last row of a page were lost. */
test.each(['keyset', 'offset'] as const)(
  'runs created at one instant are all kept across pages (%s cursors)',
  async (cursors) => {
    const kit = await useSyncKit({
      account: (clock) => createSmallAccount(clock, { runs: 11, stepMs: 0, quirks: { cursors } }),
      pageSize: 3,
    });
    const { account, testDatabase } = kit;
    expect((await kit.cycle()).outcome.status).toBe('succeeded');
    await expectTruth(testDatabase.sql, account);

    const createdAtMs = Date.parse(account.runs('m1')[0]?.createdAt ?? '');
    for (let tie = 0; tie < 5; tie += 1) account.addRun('m1', { createdAtMs, outcome: 'completed' });
    await kit.cycle();
    await expectTruth(testDatabase.sql, account);
  },
);

/** airbyte #3476: one NUL in a text, and Postgres refused the whole batch. */
test('a NUL in a text costs nothing but itself', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  const { account, testDatabase } = kit;
  account.updateRun('m1', 'm1-r4', {
    outcome: { status: 'failed', atMs: kit.clock.now() - 8 * dayMs, failedReason: 'no\u0000thing' },
    overlay: { fields: { 'key\u0000': ['\u0000', { deep: 'lone \ud800 surrogate' }] } },
  });
  expect((await kit.cycle()).outcome.status).toBe('succeeded');

  const [row] = await testDatabase.sql`select failed_reason, extra from monitor_runs where id = 'm1-r4'`;
  expect(row).toEqual({
    failed_reason: 'no\ufffdthing',
    extra: { 'key\ufffd': ['\ufffd', { deep: 'lone \ufffd surrogate' }] },
  });
  expect(await testDatabase.sql`select from monitor_runs`).toHaveLength(10);
});

/** A paginator that starts again at page one, with a cursor that it has not given before, never ends. */
test('a list that starts over at page one ends as an error of its monitor, and heals', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { monitors: 2, runs: 12 }),
    pageSize: 3,
  });
  const { account, simulator, testDatabase } = kit;
  simulator.setFaults(({ monitorId, cursor }) =>
    monitorId === 'm1' && cursor !== null ? { kind: 'restartAtTop' } : null,
  );
  const cycle = await kit.cycle();
  expect(cycle.outcome).toMatchObject({ status: 'partial', monitors: { walked: 1, failed: 1 } });
  expect(cycle.requests).toBeLessThan(20);
  const [checkpoint] =
    await testDatabase.sql`select last_error from sync_checkpoints where monitor_id = 'm1'`;
  expect(checkpoint?.['last_error']).toContain('starts over');

  simulator.setFaults(null);
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);
});

test.each(['hasMoreWithoutCursor', 'repeatedCursor'] as const)(
  'a contradiction in the paging (%s) is an error of its monitor, never a loop',
  async (kind) => {
    const kit = await useSyncKit({
      account: (clock) => createSmallAccount(clock, { monitors: 2, runs: 12 }),
      pageSize: 3,
    });
    const { account, simulator, testDatabase } = kit;
    simulator.setFaults(({ monitorId, cursor }) => (monitorId === 'm1' && cursor !== null ? { kind } : null));
    const cycle = await kit.cycle();
    expect(cycle.outcome).toMatchObject({ status: 'partial', monitors: { walked: 1, failed: 1 } });
    expect(cycle.requests).toBeLessThan(12);

    simulator.setFaults(null);
    expect((await kit.cycle()).outcome.status).toBe('succeeded');
    await expectTruth(testDatabase.sql, account);
  },
);

/** stripe/sync-engine-fork #92: a list in the other order was left after page one, whose rows were all old. */
test.each([1, 2, 5])('a list that ascends is read to its end in every walk (%i a page)', async (pageSize) => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 12 }), pageSize });
  const { account, clock, testDatabase } = kit;
  await kit.cycle();
  account.quirks.runOrder = 'ascending';
  for (let day = 1; day <= 3; day += 1) {
    clock.advance(12 * hourMs);
    account.addRun('m1', { outcome: 'completed' });
    expect((await kit.cycle()).outcome.status).toBe('succeeded');
    await expectTruth(testDatabase.sql, account);
  }
});

test('an ascending list whose oldest runs share an instant is not taken for a descending one', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 0 }), pageSize: 3 });
  const { account, clock, testDatabase } = kit;
  account.quirks.runOrder = 'ascending';
  for (let tie = 0; tie < 5; tie += 1)
    account.addRun('m1', { createdAtMs: clock.now() - 10 * dayMs, outcome: 'completed' });
  account.addRun('m1', { createdAtMs: clock.now() - hourMs, outcome: 'completed' });
  await kit.cycle();
  clock.advance(minuteMs);
  account.addRun('m1', { outcome: 'failed' });
  expect((await kit.cycle()).outcome.runs.inserted).toBe(1);
  await expectTruth(testDatabase.sql, account);
});

/** NangoHQ/nango #5517: after a resume, records that were read before the interruption counted as deleted. */
test('a resumed walk over a list that changed meanwhile marks nothing absent that is there', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 20 }), pageSize: 3 });
  const { account, clock, simulator, testDatabase } = kit;
  await kit.cycle();
  const interruption = interruptAtPage(3);
  simulator.setFaults(interruption.faults);
  expect((await kit.cycle({ full: true, signal: interruption.signal })).outcome.status).toBe('interrupted');
  simulator.setFaults(null);

  clock.advance(minuteMs);
  for (let run = 0; run < 7; run += 1) account.addRun('m1', { outcome: 'completed' });
  account.deleteRun('m1', 'm1-r3');
  account.deleteRun('m1', 'm1-r19');
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  expect(await compareWithTruth(testDatabase.sql, account)).toMatchObject({
    lost: [],
    stale: [],
    falselyAbsent: [],
  });

  await kit.cycle({ full: true });
  await expectTruth(testDatabase.sql, account);
});

test('an order that breaks in mid-walk marks nothing absent that is there', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 12 }), pageSize: 4 });
  const { account, simulator, testDatabase } = kit;
  await kit.cycle();
  simulator.setFaults(({ cursor, endpoint }) => {
    if (endpoint === 'runs') account.quirks.runOrder = cursor === null ? 'descending' : 'ascending';
    return null;
  });
  await kit.cycle({ full: true });
  simulator.setFaults(null);

  expect(await testDatabase.sql`select from monitor_runs where absent_since is not null`).toHaveLength(0);
});

/** Several tools, Postgres 21000: one id twice in a page, and the statement fails. */
test('an id that comes twice in a page, of runs or of monitors, is stored once', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 3 }) });
  const { account, simulator, testDatabase } = kit;
  simulator.setFaults(() => ({ kind: 'repeatRows', rows: 'inPage' }));
  expect((await kit.cycle()).outcome).toMatchObject({
    status: 'succeeded',
    monitors: { seen: 3 },
    runs: { inserted: 30 },
  });
  await expectTruth(testDatabase.sql, account);
});

/** An older page written over a newer row, because the API's `updatedAt` decided. */
test('the latest answer wins, also when the API corrects updatedAt backwards', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  const { account, clock, testDatabase } = kit;
  await kit.cycle();
  account.updateRun('m1', 'm1-r10', {
    touchedAtMs: clock.now() - 9 * dayMs,
    outcome: { status: 'failed', atMs: clock.now() - 10 * dayMs, failedReason: 'corrected' },
  });
  expect((await kit.cycle()).outcome.runs.updated).toBe(1);
  await expectTruth(testDatabase.sql, account);
});
