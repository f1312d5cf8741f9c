import { expect, test } from 'vitest';
import { createSmallAccount } from './small-account.ts';
import { dayMs, hourMs, minuteMs, useSyncKit } from './sync-kit.ts';
import { expectTruth } from './truth.ts';

test('the way of a run through its statuses is recorded, also between two cycles', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  const { account, clock, testDatabase } = kit;
  await kit.cycle();
  account.addRun('m1', {
    id: 'new',
    startedAtMs: clock.now() + minuteMs,
    outcome: { status: 'failed', atMs: clock.now() + 10 * minuteMs, failedReason: 'no credits' },
  });
  await kit.cycle();
  clock.advance(2 * minuteMs);
  await kit.cycle();
  await kit.cycle();
  clock.advance(10 * minuteMs);
  expect((await kit.cycle()).outcome.runs.updated).toBe(1);

  const changes = await testDatabase.sql`
    select from_status as from, to_status as to from monitor_run_status_changes where run_id = 'new' order by answer`;
  expect([...changes]).toEqual([
    { from: null, to: 'created' },
    { from: 'created', to: 'running' },
    { from: 'running', to: 'failed' },
  ]);
  await expectTruth(testDatabase.sql, account);
});

test('an open run that its first page no longer shows is asked for by id', async () => {
  const kit = await useSyncKit({ account: createSmallAccount, pageSize: 3 });
  const { account, clock } = kit;
  account.addRun('m1', { id: 'slow' });
  await kit.cycle();
  clock.advance(minuteMs);
  for (let run = 0; run < 12; run += 1)
    account.addRun('m1', { createdAtMs: clock.now() + 5 * hourMs + run * hourMs, outcome: 'completed' });
  clock.advance(18 * hourMs);
  account.finishRun('m1', 'slow', { status: 'canceled' });

  expect((await kit.cycle({ overlapMs: 0 })).outcome.status).toBe('succeeded');
  await expectTruth(kit.testDatabase.sql, account);
});

test('a run that is open for days is asked for by id, less often, and still becomes final', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  const { account, clock } = kit;
  account.addRun('m1', { id: 'stuck' });
  account.addRun('m1', { id: 'later', createdAtMs: clock.now() + minuteMs, outcome: 'completed' });
  clock.advance(2 * minuteMs);
  await kit.cycle();
  clock.advance(2 * dayMs);
  await kit.cycle();
  clock.advance(minuteMs);
  expect((await kit.cycle()).requests).toBe(1);

  account.finishRun('m1', 'stuck', { status: 'failed', failedReason: 'at last' });
  clock.advance(hourMs);
  expect((await kit.cycle()).requests).toBe(2);
  await expectTruth(kit.testDatabase.sql, account);
});

test('a monitor that vanishes is marked, its runs stay, and it returns without its mark', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 3, runs: 4 }) });
  const { account, testDatabase } = kit;
  await kit.cycle();
  account.deleteMonitor('m2');
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);
  const kept =
    await testDatabase.sql`select from monitor_runs where monitor_id = 'm2' and absent_since is null`;
  expect(kept).toHaveLength(4);

  account.addMonitor({ id: 'm2', firesOnSchedule: false });
  account.addRun('m2', { id: 'm2-again', outcome: 'completed' });
  await kit.cycle();
  expect(await testDatabase.sql`select from monitors where absent_since is not null`).toHaveLength(0);
  expect(await testDatabase.sql`select from monitor_runs where id = 'm2-again'`).toHaveLength(1);
});

test('a monitor that a listing of several pages lacks is marked absent only when the API says 404', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { monitors: 5 }),
    pageSize: 2,
  });
  const { account, simulator, testDatabase } = kit;
  await kit.cycle();
  account.quirks.cursors = 'offset';
  // While the listing is read, its first monitor goes: the others move up by one, over the edge of a page.
  simulator.setFaults(({ endpoint, cursor }) => {
    if (endpoint === 'monitors' && cursor !== null) {
      simulator.setFaults(null);
      account.deleteMonitor('m1');
    }
    return null;
  });
  await kit.cycle();
  expect(await testDatabase.sql`select from monitors where absent_since is not null`).toHaveLength(0);

  await kit.cycle();
  await expectTruth(testDatabase.sql, account);
});

test('a run that the API no longer has is marked absent wherever it stood on its page', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 12 }), pageSize: 3 });
  const { account, simulator, testDatabase } = kit;
  await kit.cycle();
  // The newest, one in the middle of a page, two at the edges of pages, and the oldest.
  for (const run of [12, 8, 7, 3, 1]) account.deleteRun('m1', `m1-r${run}`);
  const full = await kit.cycle({ full: true });

  expect(full.outcome.status).toBe('succeeded');
  expect(simulator.requests.counts.byEndpoint.run).toBe(5);
  await expectTruth(testDatabase.sql, account);
  expect((await kit.cycle({ full: true })).requests).toBe(1 + 3);
});

test('a monitor whose runs are all gone keeps them, marked', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 3 }) });
  const { account, testDatabase } = kit;
  await kit.cycle();
  for (const run of [1, 2, 3]) account.deleteRun('m1', `m1-r${run}`);
  await kit.cycle();

  await expectTruth(testDatabase.sql, account);
  expect(await testDatabase.sql`select from monitor_runs where absent_since is not null`).toHaveLength(3);
});

test('a run that a page leaves out is not marked while the API still has it', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 6 }) });
  const { account, testDatabase } = kit;
  await kit.cycle();
  const answer = await kit.cycle({
    full: true,
    wrapSource: (source) => ({
      ...source,
      listRuns: async (monitorId, cursor) => {
        const page = await source.listRuns(monitorId, cursor);
        return { ...page, runs: page.runs.filter(({ id }) => id !== 'm1-r4') };
      },
    }),
  });

  expect(answer.outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);
});

test('a run that shows up again loses its mark', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  const { account, testDatabase } = kit;
  const [gone] = account.runs('m1').slice(4);
  await kit.cycle();
  account.deleteRun('m1', 'm1-r6');
  await kit.cycle({ full: true });
  expect(await testDatabase.sql`select id from monitor_runs where absent_since is not null`).toEqual([
    { id: 'm1-r6' },
  ]);

  const createdAtMs = Date.parse(gone?.createdAt ?? '');
  account.addRun('m1', {
    id: 'm1-r6',
    createdAtMs,
    outcome: { status: 'completed', atMs: createdAtMs + minuteMs, failedReason: null },
  });
  await kit.cycle({ full: true });
  await expectTruth(testDatabase.sql, account);
});
