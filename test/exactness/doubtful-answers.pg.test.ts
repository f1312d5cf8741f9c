/** Answers that are false, old or contradict each other: none of them may become a wrong row that stays. */
import { expect, test } from 'vitest';
import { createSmallAccount } from './small-account.ts';
import { dayMs, hourMs, minuteMs, useSyncKit, type SyncKit } from './sync-kit.ts';
import { expectTruth } from './truth.ts';

async function absentRuns({ testDatabase: { sql } }: SyncKit): Promise<readonly string[]> {
  const rows = await sql`select id from monitor_runs where absent_since is not null order by id`;
  return rows.map(({ id }) => String(id));
}

/** An account with a run that is stuck, below the first page of its list. */
async function arrangeStuckRun(): Promise<SyncKit> {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 4 }), pageSize: 2 });
  const { account, clock } = kit;
  account.addRun('m1', { id: 'stuck', createdAtMs: clock.now() - 40 * hourMs });
  await kit.cycle();
  return kit;
}

test('one false 404 does not mark an open run absent, and it still becomes final', async () => {
  const kit = await arrangeStuckRun();
  const { account, clock, simulator, testDatabase } = kit;
  clock.advance(hourMs);
  simulator.setFaults(({ endpoint }) =>
    endpoint === 'run' ? { kind: 'hideRuns', runIds: ['stuck'] } : null,
  );
  await kit.cycle();
  expect(await absentRuns(kit)).toEqual([]);

  simulator.setFaults(null);
  account.finishRun('m1', 'stuck', { status: 'failed', failedReason: 'gave up' });
  clock.advance(hourMs);
  await kit.cycle();
  await expectTruth(testDatabase.sql, account);
});

test('an open run that the API answers 404 for in two cycles is absent, and asked for now and then', async () => {
  const kit = await arrangeStuckRun();
  const { account, clock, simulator, testDatabase } = kit;
  simulator.setFaults(({ endpoint }) =>
    endpoint === 'run' ? { kind: 'hideRuns', runIds: ['stuck'] } : null,
  );
  for (let cycle = 1; cycle <= 2; cycle += 1) {
    clock.advance(hourMs);
    await kit.cycle();
  }
  expect(await absentRuns(kit)).toEqual(['stuck']);

  simulator.setFaults(null);
  account.finishRun('m1', 'stuck', { status: 'completed' });
  clock.advance(2 * dayMs);
  await kit.cycle();
  await expectTruth(testDatabase.sql, account);
});

test('a run that is deleted at the instant at which a page ends is marked absent', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { runs: 6, stepMs: 0 }),
    pageSize: 2,
  });
  const { account } = kit;
  await kit.cycle();
  const gone = account.runs('m1').slice(1, 4);
  for (const { id } of gone) account.deleteRun('m1', id);
  await kit.cycle({ full: true });
  expect(await absentRuns(kit)).toEqual(gone.map(({ id }) => id).toSorted());
});

test('an open run that changes its monitor is asked for under the new one only', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 2, runs: 3 }) });
  const { account, clock, testDatabase } = kit;
  account.addRun('m1', { id: 'moved' });
  await kit.cycle();
  clock.advance(minuteMs);
  account.moveRun('m1', 'moved', 'm2');
  for (let cycle = 1; cycle <= 3; cycle += 1) {
    await kit.cycle();
    expect(await absentRuns(kit)).toEqual([]);
  }
  await kit.cycle({ full: true });
  await expectTruth(testDatabase.sql, account);
});

test('a page from a server that lags behind reopens no final run, and hides no new one', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 3 }) });
  const { account, clock, simulator, testDatabase } = kit;
  account.addRun('m1', { id: 'late' });
  await kit.cycle();
  clock.advance(10 * minuteMs);
  account.finishRun('m1', 'late', { status: 'completed' });
  await kit.cycle();
  clock.advance(minuteMs);
  account.addRun('m1', { id: 'new', outcome: 'completed' });
  simulator.setFaults(({ endpoint }) => (endpoint === 'runs' ? { kind: 'lag', byMs: 6 * minuteMs } : null));
  const lagging = await kit.cycle();
  expect(lagging.outcome.status).toBe('partial');
  expect(await testDatabase.sql`select status from monitor_runs where id = 'late'`).toEqual([
    { status: 'completed' },
  ]);

  simulator.setFaults(null);
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);
});

test('a list that once rose is read whole in every later cycle that looks at it', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { runs: 9, quirks: { runOrder: 'ascending' } }),
    pageSize: 3,
  });
  const { account, clock, testDatabase } = kit;
  await kit.cycle();
  expect(await testDatabase.sql`select list_rose from sync_checkpoints`).toEqual([{ list_rose: true }]);
  // From now on its first page looks as if it were in order.
  account.quirks.runOrder = 'descending';
  clock.advance(minuteMs);
  account.addRun('m1', { outcome: 'completed' });
  expect((await kit.cycle()).requests).toBe(1 + 4);
});

test('an unfinished walk starts again when the size of pages has changed', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 12 }), pageSize: 3 });
  const { account, simulator, testDatabase } = kit;
  const interruption = new AbortController();
  simulator.setFaults(({ endpoint, cursor }) => {
    if (endpoint === 'runs' && cursor !== null) interruption.abort();
    return null;
  });
  await kit.cycle({ signal: interruption.signal });
  simulator.setFaults(null);
  const cursors: (string | null)[] = [];
  const { outcome } = await kit.cycle({
    wrapSource: (source) => ({
      ...source,
      traits: { ...source.traits, pageSize: 4 },
      listRuns: (monitorId, cursor) => {
        cursors.push(cursor);
        return source.listRuns(monitorId, cursor);
      },
    }),
  });
  expect(outcome.status).toBe('succeeded');
  expect(cursors[0]).toBeNull();
  await expectTruth(testDatabase.sql, account);
});

test('a clock two days ahead takes no young run for one that is stuck', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 3 }) });
  const { account, clock, testDatabase } = kit;
  const ahead = { now: () => clock.now() + 2 * dayMs };
  account.addRun('m1', { id: 'young' });
  await kit.cycle({ clock: ahead });
  clock.advance(5 * minuteMs);
  account.finishRun('m1', 'young', { status: 'completed' });
  account.quirks.lastRun = { lateByRuns: 1 };
  expect((await kit.cycle({ clock: ahead })).outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);
});

test('the first walk down to a date covers nothing', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 8 }), pageSize: 2 });
  const { clock, testDatabase } = kit;
  await kit.cycle({ since: new Date(clock.now() - 10 * hourMs).toISOString() });
  expect(
    await testDatabase.sql`select covered_through, is_stale from sync_freshness where scope = 'monitor'`,
  ).toEqual([{ covered_through: null, is_stale: true }]);
});

test('a listing that lacks more than half of the monitors marks none absent until a person says so', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 9, runs: 1 }) });
  const { account, testDatabase } = kit;
  await kit.cycle();
  for (let number = 1; number <= 8; number += 1) account.deleteMonitor(`m${number}`);
  const absent = () => testDatabase.sql`select from monitors where absent_since is not null`;

  const doubted = await kit.cycle();
  expect(doubted.outcome).toMatchObject({
    status: 'partial',
    error: expect.stringContaining('lists 1 of the 9 monitors that are stored'),
  });
  expect(doubted.requests).toBe(1 + 5);
  expect(await absent()).toHaveLength(0);

  const accepted = await kit.cycle({ acceptMissing: true });
  expect(accepted.outcome.status).toBe('succeeded');
  expect(await absent()).toHaveLength(8);
});
