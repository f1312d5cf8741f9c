/** A cycle that finds the listing of the one before, byte for byte, and nothing else to do. */
import { beforeEach, expect, test } from 'vitest';
import type { ExaSource } from '../../src/exa/source.ts';
import type { CycleStore } from '../../src/sync/ports.ts';
import { createSmallAccount } from './small-account.ts';
import { dayMs, hourMs, minuteMs, useSyncKit, type SyncKit } from './sync-kit.ts';
import { expectTruth } from './truth.ts';

let kit: SyncKit;

beforeEach(async () => {
  kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { monitors: 5, runs: 3 }),
    pageSize: 2,
  });
  await kit.cycle();
  kit.clock.advance(minuteMs);
});

/** A cycle, and whether it got along without the checkpoints. */
async function cycle(changes: Parameters<SyncKit['cycle']>[0] = {}) {
  let read = false;
  const wrapStore = (store: CycleStore): CycleStore => ({
    ...store,
    loadMonitorStates: () => {
      read = true;
      return store.loadMonitorStates();
    },
  });
  const { outcome, requests } = await kit.cycle({ wrapStore, ...changes });
  const { seen, skipped, walked } = outcome.monitors;
  return { status: outcome.status, monitors: [seen, skipped, walked], requests, knewTheListing: !read };
}

const idle = { status: 'succeeded', monitors: [5, 5, 0], requests: 3, knewTheListing: true };

test('it is over with the listing, and counts and reports as any other', async () => {
  const events: unknown[] = [];
  const expected: unknown[] = [];
  const wrapSource = (source: ExaSource): ExaSource => ({
    ...source,
    listMonitors: (cursor, known) => {
      expected.push(known);
      return source.listMonitors(cursor, known);
    },
  });
  expect(await cycle({ wrapSource, observe: (event) => events.push(event) })).toEqual(idle);
  const digest = expect.any(String) as unknown;
  expect(expected).toEqual([undefined, { digest, nextCursor: digest }, { digest, nextCursor: null }]);
  expect(await cycle()).toEqual(idle);
  expect(events).toMatchObject([
    { type: 'cycle-opened' },
    { type: 'monitors-listed', monitors: 5 },
    { type: 'planned', decisions: { skip: 5, resume: 0, incremental: 0, full: 0, since: 0 } },
    { type: 'cycle-closed' },
  ]);
  const [record] = await kit.testDatabase.sql`
    select status, monitors_seen, monitors_skipped, requests from sync_cycles order by id desc limit 1`;
  expect(record).toEqual({ status: 'succeeded', monitors_seen: 5, monitors_skipped: 5, requests: 3 });
  await expectTruth(kit.testDatabase.sql, kit.account);
});

test.each<[string, () => void, readonly number[]]>([
  ['a new run', () => void kit.account.addRun('m4', { outcome: 'completed' }), [5, 4, 1]],
  ['a changed monitor', () => kit.account.updateMonitor('m5', { metadata: { team: 'new' } }), [5, 5, 0]],
  ['a new monitor', () => void kit.account.addMonitor({ id: 'm6', firesOnSchedule: false }), [6, 5, 1]],
  ['a monitor that is gone', () => kit.account.deleteMonitor('m1'), [4, 4, 0]],
])('%s is seen, and the cycle after it knows the new listing', async (_what, change, counted) => {
  change();
  const changed = await cycle();
  expect(changed).toMatchObject({ status: 'succeeded', monitors: counted, knewTheListing: false });
  await expectTruth(kit.testDatabase.sql, kit.account);
  expect(await cycle()).toMatchObject({ status: 'succeeded', knewTheListing: true });
});

test('a full walk that falls due is made, whatever the listing says', async () => {
  kit.clock.advance(7 * dayMs);
  expect(await cycle()).toMatchObject({ monitors: [5, 0, 5], knewTheListing: false });
});

test('a scheduled run that is overdue is looked for, although the listing is the same', async () => {
  const nextRunAt = new Date(kit.clock.now() + hourMs).toISOString();
  kit.account.updateMonitor('m1', { overlay: { fields: { nextRunAt } } });
  await cycle();
  expect(await cycle()).toEqual(idle);
  kit.clock.advance(hourMs);
  expect(await cycle()).toMatchObject({ monitors: [5, 4, 1], knewTheListing: false });
});

test.each([
  ['--full', { full: true }, [5, 0, 5]],
  ['--since', { since: '2026-03-01T00:00:00Z' }, [5, 0, 5]],
  ['--monitor m1', { only: new Set(['m1']) }, [1, 1, 0]],
  ['--monitor m5', { only: new Set(['m5']) }, [1, 1, 0]],
])(
  'with %s all is done that was asked for, and the next cycle looks at all again',
  async (_flag, wish, counted) => {
    expect(await cycle(wish)).toMatchObject({ monitors: counted, knewTheListing: false });
    expect(await cycle()).toEqual(idle);
  },
);

test('a checkpoint that somebody deletes makes its monitor be walked', async () => {
  await kit.testDatabase.sql`delete from sync_checkpoints where monitor_id = 'm3'`;
  expect(await cycle()).toMatchObject({ monitors: [5, 4, 1], knewTheListing: false });
});

test('a young open run is asked for in each cycle, until it is final', async () => {
  kit.account.addRun('m2', { id: 'open' });
  await cycle();
  expect(await cycle()).toMatchObject({ knewTheListing: false });
  kit.account.finishRun('m2', 'open', { status: 'completed' });
  expect(await cycle()).toMatchObject({ knewTheListing: false });
  await expectTruth(kit.testDatabase.sql, kit.account);
  expect(await cycle()).toEqual(idle);
});

test('a stuck run is asked for hourly, and does not keep the cycles between from knowing the listing', async () => {
  kit.account.addRun('m2', { id: 'stuck', createdAtMs: kit.clock.now() - dayMs - 10 * minuteMs });
  kit.account.addRun('m2', { outcome: 'completed' });
  await cycle();
  const asked: boolean[] = [];
  for (let quarter = 0; quarter < 8; quarter += 1) {
    kit.clock.advance(hourMs / 4);
    const { knewTheListing, ...done } = await cycle();
    expect(done).toEqual({ status: 'succeeded', monitors: [5, 5, 0], requests: knewTheListing ? 3 : 4 });
    asked.push(!knewTheListing);
  }
  expect(asked).toEqual([false, false, false, true, false, false, false, true]);
});

test('a run that stays rejected keeps each cycle partial, also one that knows the listing', async () => {
  kit.account.addRun('m2', { id: 'bad', outcome: 'completed', overlay: { fields: { updatedAt: 'then' } } });
  kit.account.addRun('m2', { outcome: 'completed' });
  expect(await cycle()).toMatchObject({ status: 'partial', monitors: [5, 4, 1] });
  expect(await cycle()).toEqual({ ...idle, status: 'partial' });
});

test('a monitor of which only rejected runs are known, and the listing none, is walked each time', async () => {
  kit.account.addMonitor({ id: 'm6', firesOnSchedule: false, overlay: { fields: { lastRun: null } } });
  kit.account.addRun('m6', { outcome: 'completed', overlay: { fields: { updatedAt: 'then' } } });
  for (const nth of ['first', 'second']) {
    expect(await cycle(), nth).toMatchObject({ monitors: [6, 5, 1], knewTheListing: false });
  }
});

test.each([
  ['an id', ['createdAt']],
  ['nothing', ['createdAt', 'id']],
])('a record of which %s can be read keeps each cycle partial', async (_what, omit) => {
  kit.account.updateMonitor('m2', { overlay: { omit } });
  for (const nth of ['first', 'second']) {
    expect(await cycle(), nth).toMatchObject({ status: 'partial', knewTheListing: false });
  }
});

test('nothing is known after a cycle that failed for one monitor', async () => {
  kit.account.addRun('m2', { outcome: 'completed' });
  kit.simulator.setFaults(({ monitorId }) => (monitorId === 'm2' ? { kind: 'status', status: 500 } : null));
  expect(await cycle()).toMatchObject({ status: 'partial' });
  kit.simulator.setFaults(null);
  expect(await cycle()).toMatchObject({ status: 'succeeded', monitors: [5, 4, 1], knewTheListing: false });
  await expectTruth(kit.testDatabase.sql, kit.account);
});

const withoutM3 = (source: ExaSource): ExaSource => ({
  ...source,
  listMonitors: async (cursor, known) => {
    const { hasMore, nextCursor, monitors, unreadable, digest, size } = await source.listMonitors(
      cursor,
      known,
    );
    const others = monitors.filter(({ id }) => id !== 'm3');
    return { hasMore, nextCursor, monitors: others, unreadable, digest: `${digest} without m3`, size };
  },
});

test('a listing without a monitor that is there is not known: that one is asked for in each cycle', async () => {
  for (const nth of ['first', 'second']) {
    expect(await cycle({ wrapSource: withoutM3 }), nth).toEqual({
      ...idle,
      requests: 4,
      knewTheListing: false,
    });
  }
});

const versions = () => kit.testDatabase.sql`
  select 'listing' as what, xmin::text from sync_listing
  union all select monitor_id, xmin::text from sync_checkpoints
  union all select id, xmin::text from monitors order by 1`;

test('an hour of idle cycles writes nothing but their records', async () => {
  const before = await versions();
  for (let quarter = 0; quarter < 4; quarter += 1) {
    kit.clock.advance(hourMs / 4);
    expect(await cycle()).toMatchObject({ knewTheListing: true });
  }
  expect(await versions()).toEqual(before);
});
