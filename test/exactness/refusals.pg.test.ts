import { expect, test } from 'vitest';
import { generateAccount } from '../../src/simulator/account/generate-account.ts';
import { createSmallAccount } from './small-account.ts';
import { minuteMs, useSyncKit } from './sync-kit.ts';
import { expectTruth } from './truth.ts';

test('a 401, 402 or 403 at 10,000 monitors costs the requests under way and no more', async () => {
  const kit = await useSyncKit({
    account: (clock) =>
      generateAccount({ monitors: 10_000, runsPerMonitor: 1, firesOnSchedule: false, clock }),
  });
  const concurrency = 8;
  for (const status of [401, 402, 403]) {
    let refusedAt = 0;
    kit.simulator.setFaults(({ endpoint, ordinal }) => {
      if (endpoint !== 'runs') return null;
      refusedAt ||= ordinal;
      return { kind: 'status', status };
    });
    const before = kit.simulator.requests.total;
    const cycle = await kit.cycle({ concurrency });

    expect(cycle.outcome.status).toBe('failed');
    expect(cycle.failure?.message).toContain(`HTTP ${status}`);
    expect(refusedAt - before).toBe(51);
    expect(cycle.requests).toBeLessThan(51 + concurrency);
    const [record] = await kit.testDatabase.sql`select status, error from sync_cycles order by id desc`;
    expect(record).toEqual({ status: 'failed', error: cycle.failure?.message });
  }
});

test('a key that the API refuses costs one request', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  kit.simulator.setFaults(() => ({ kind: 'status', status: 401 }));
  const cycle = await kit.cycle();

  expect(cycle).toMatchObject({ requests: 1, outcome: { status: 'failed' } });
  expect(cycle.failure?.message).toContain('check EXA_API_KEY');
});

test('an outage in mid-cycle ends it after a bounded number of retries, and what was done is kept', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 200, runs: 2 }) });
  const { account, simulator, testDatabase } = kit;
  let pages = 0;
  simulator.setFaults(({ endpoint }) => {
    if (endpoint !== 'runs') return null;
    pages += 1;
    return pages <= 40 ? null : { kind: 'status', status: 503, body: 'html' };
  });
  const cycle = await kit.cycle();

  expect(cycle.outcome.status).toBe('failed');
  expect(cycle.failure?.message).toContain('outage');
  // A reserve of 50 retries, and one for every five requests that had succeeded.
  expect(cycle.outcome.traffic.retries).toBeLessThanOrEqual(60);
  expect(cycle.requests).toBeLessThanOrEqual(1 + 40 + 60 + 20);
  expect(await testDatabase.sql`select from monitor_runs`).toHaveLength(80);

  simulator.setFaults(null);
  const next = await kit.cycle();
  expect(next.outcome).toMatchObject({ status: 'succeeded', monitors: { skipped: 40 } });
  await expectTruth(testDatabase.sql, account);
});

test('monitors that stay broken, more than a cycle has retries for, keep the others waiting only briefly', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 30, runs: 2 }) });
  const { account, simulator, testDatabase } = kit;
  // They come first in the listing.
  const broken = new Set(account.monitorIds().slice(0, 20));
  simulator.setFaults(({ monitorId }) =>
    monitorId !== null && broken.has(monitorId) ? { kind: 'status', status: 500 } : null,
  );
  for (let cycle = 1; cycle <= 4; cycle += 1) expect((await kit.cycle()).outcome.status).toBe('failed');

  expect(await testDatabase.sql`select from monitor_runs`).toHaveLength(2 * 10);
  simulator.setFaults(null);
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);
});

test('monitors that the listing lacks and that cannot be asked for keep no other waiting', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 30, runs: 2 }) });
  const { account, simulator, testDatabase, clock } = kit;
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  const [alive = '', ...gone] = account.monitorIds();
  for (const id of gone) account.deleteMonitor(id);
  clock.advance(minuteMs);
  account.addRun(alive, { id: 'new', outcome: 'completed' });
  simulator.setFaults(({ endpoint }) => (endpoint === 'monitor' ? { kind: 'status', status: 500 } : null));
  // That so many are gone is right, a person has said.
  const cycle = await kit.cycle({ acceptMissing: true });

  expect(cycle.outcome).toMatchObject({ status: 'failed', runs: { inserted: 1 }, monitors: { walked: 1 } });
  expect(await testDatabase.sql`select id from monitor_runs where id = 'new'`).toHaveLength(1);
  expect(await testDatabase.sql`select from monitors where absent_since is not null`).toHaveLength(0);
  simulator.setFaults(null);
  expect((await kit.cycle({ acceptMissing: true })).outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);
});

test('an API that asks for a longer pause than a cycle waits ends the cycle at once', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  kit.simulator.setFaults(() => ({
    kind: 'status',
    status: 429,
    retryAfter: { style: 'seconds', seconds: 3600 },
  }));
  const cycle = await kit.cycle();

  expect(cycle).toMatchObject({ requests: 1, outcome: { status: 'failed' } });
  expect(cycle.failure?.message).toContain('3600 s');
});

test('an API that answers nothing at all is an outage too', async () => {
  const kit = await useSyncKit({ account: createSmallAccount, timeoutMs: 30 });
  kit.simulator.setFaults(() => ({ kind: 'hang' }));
  const cycle = await kit.cycle();

  expect(cycle.outcome.status).toBe('failed');
  expect(cycle.requests).toBeLessThanOrEqual(6);
  expect(cycle.failure?.message).toContain('no whole answer within 30 ms');
});

test.each([
  ['seconds', 18_000],
  ['date', 18_000],
  ['none', 1],
] as const)('a 429 (%s) is waited for and costs no monitor', async (style, atLeastMs) => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 4 }) });
  const { account, simulator, testDatabase } = kit;
  simulator.setFaults(({ ordinal }) =>
    ordinal % 3 === 0 ? { kind: 'status', status: 429, retryAfter: { style, seconds: 20 } } : null,
  );
  const cycle = await kit.cycle();

  expect(cycle.outcome.status).toBe('succeeded');
  expect(cycle.outcome.traffic.retries).toBeGreaterThan(0);
  expect(cycle.outcome.traffic.waitedMs).toBeGreaterThanOrEqual(atLeastMs);
  await expectTruth(testDatabase.sql, account);
});
