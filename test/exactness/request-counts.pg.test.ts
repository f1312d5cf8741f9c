import { beforeAll, afterAll, expect, test } from 'vitest';
import { createSyncKit, minuteMs, useSyncKit, type SyncKit } from './sync-kit.ts';
import { SimulatedAccount } from '../../src/simulator/account/account.ts';
import { generateAccount } from '../../src/simulator/account/generate-account.ts';
import { expectTruth } from './truth.ts';

let kit: SyncKit;
const openRuns = 20;

beforeAll(async () => {
  kit = await createSyncKit({
    account: (clock) =>
      generateAccount({
        monitors: 20,
        runsPerMonitor: 500,
        openRunsPerMonitor: 1,
        firesOnSchedule: false,
        clock,
      }),
  });
});

afterAll(() => kit.close());

/** Where each row lies and who touched or locked it last. */
async function rowVersions(): Promise<readonly object[]> {
  return kit.testDatabase
    .sql`select id, ctid::text, xmin::text, xmax::text from monitor_runs order by id collate "C"`;
}

test('a first sync of 20 monitors with 500 runs each costs 61 requests and is exact', async () => {
  const first = await kit.cycle();

  expect(first.outcome).toMatchObject({
    status: 'succeeded',
    monitors: { seen: 20, walked: 20, skipped: 0, failed: 0 },
    runs: { inserted: 10_000, updated: 0, unchanged: 0, rejected: 0 },
  });
  expect(first.requests).toBeLessThanOrEqual(61);
  expect(first.outcome.traffic.requests).toBe(first.requests);
  await expectTruth(kit.testDatabase.sql, kit.account);
});

test('a cycle right after it costs the listing and one request for each open run, and writes no run', async () => {
  const before = await rowVersions();
  const idle = await kit.cycle();

  expect(idle.requests).toBe(1 + openRuns);
  expect(idle.outcome.runs).toMatchObject({ inserted: 0, updated: 0 });
  expect(await rowVersions()).toEqual(before);
});

test('one new run a monitor costs a page each and is exact again', async () => {
  kit.clock.advance(5 * minuteMs);
  for (const id of kit.account.monitorIds()) kit.account.addRun(id);
  const next = await kit.cycle();

  expect(next.outcome).toMatchObject({ status: 'succeeded', runs: { inserted: 20 } });
  expect(next.requests).toBeLessThanOrEqual(1 + 20 + 20);
  await expectTruth(kit.testDatabase.sql, kit.account);
});

test('without open runs an idle cycle is one request and no row of a run is written or locked', async () => {
  for (const id of kit.account.monitorIds()) {
    for (const run of kit.account.runs(id).slice(0, 3)) {
      if (run.status === 'created' || run.status === 'running')
        kit.account.finishRun(id, run.id, { status: 'completed' });
    }
  }
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  await expectTruth(kit.testDatabase.sql, kit.account);
  const before = await rowVersions();

  const idle = await kit.cycle();

  expect(idle.requests).toBe(1);
  expect(idle.outcome).toMatchObject({ monitors: { skipped: 20, walked: 0 }, runs: { unchanged: 0 } });
  expect(await rowVersions()).toEqual(before);
});

test('also a full cycle over unchanged runs writes and locks none of them', async () => {
  const before = await rowVersions();
  const full = await kit.cycle({ full: true });

  expect(full.outcome.runs).toMatchObject({ inserted: 0, updated: 0, unchanged: 10_020 });
  expect(await rowVersions()).toEqual(before);
});

test('10,000 idle monitors cost 50 requests', async () => {
  const large = await useSyncKit({
    account: (clock) =>
      generateAccount({ monitors: 10_000, runsPerMonitor: 1, firesOnSchedule: false, clock }),
  });
  await storeCheckpoints(large);

  const idle = await large.cycle();

  expect(idle.requests).toBe(50);
  expect(idle.outcome).toMatchObject({ status: 'succeeded', monitors: { seen: 10_000, skipped: 10_000 } });
});

/** What 10,000 walks would leave; they would take a minute. */
async function storeCheckpoints({ account, clock, testDatabase }: SyncKit): Promise<void> {
  const checkpoints = account
    .monitors()
    .map(({ id, lastRun, nextRunAt }) => ({ id, run: lastRun, nextRunAt }));
  await testDatabase.sql`
    insert into sync_checkpoints (monitor_id, last_full_walk_at, next_run_at, newest_run)
    select id, ${new Date(clock.now()).toISOString()}, "nextRunAt", run
    from json_to_recordset(${JSON.stringify(checkpoints)}::text::json) as walked (id text, run jsonb, "nextRunAt" timestamptz)`;
  await testDatabase.sql`
    insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, answer)
    select run ->> 'id', id, run ->> 'status', run ->> 'type', (run ->> 'createdAt')::timestamptz,
      (run ->> 'updatedAt')::timestamptz, 0
    from json_to_recordset(${JSON.stringify(checkpoints)}::text::json) as walked (id text, run jsonb)`;
}

test('10,000 idle Search Monitors cost 100 requests', async () => {
  const large = await useSyncKit({
    apis: ['search'],
    account: (clock) =>
      generateAccount({
        monitors: 0,
        runsPerMonitor: 0,
        searchMonitors: 10_000,
        runsPerSearchMonitor: 0,
        firesOnSchedule: false,
        clock,
      }),
  });
  const { account, clock, testDatabase } = large;
  const walked = account.search.monitors().map(({ id, nextRunAt }) => ({ id, nextRunAt }));
  const now = new Date(clock.now()).toISOString();
  await testDatabase.sql`
    insert into sync_checkpoints (monitor_id, last_full_walk_at, last_walk_at, next_run_at)
    select id, ${now}, ${now}, "nextRunAt"
    from json_to_recordset(${JSON.stringify(walked)}::text::json) as walked (id text, "nextRunAt" timestamptz)`;

  const idle = await large.cycle();

  expect(idle.requests).toBe(100);
  expect(idle.outcome).toMatchObject({ status: 'succeeded', monitors: { seen: 10_000, skipped: 10_000 } });
});

test('a run of a Search Monitor that was started by hand is seen within the hours of the setting', async () => {
  const small = await useSyncKit({
    apis: ['search'],
    account: (clock) => {
      const account = new SimulatedAccount({ clock });
      account.search.addMonitor({ trigger: null });
      return account;
    },
  });
  const { account, clock } = small;
  const [monitorId = ''] = account.search.monitorIds();
  await small.cycle();
  account.search.addRun(monitorId, { outcome: 'completed' });
  clock.advance(6 * 60 * minuteMs - 1);
  const before = await small.cycle();
  expect(before.outcome).toMatchObject({ monitors: { skipped: 1 }, runs: { inserted: 0 } });
  expect(before.requests).toBe(1);
  clock.advance(1);
  const after = await small.cycle();
  expect(after.outcome).toMatchObject({ monitors: { walked: 1 }, runs: { inserted: 1 } });
  expect(after.requests).toBe(2);
});
