/** Lists that a well-meaning API would not send, and clocks that are wrong: what each of them may not cost. */
import { expect, test } from 'vitest';
import type { ExaSource } from '../../src/exa/source.ts';
import type { Fault } from '../../src/simulator/answers/faults.ts';
import type { RunPage } from '../../src/sync/ports.ts';
import { interruptAtPage } from './interruptions.ts';
import { createSmallAccount } from './small-account.ts';
import { dayMs, hourMs, minuteMs, useSyncKit, type SyncKit } from './sync-kit.ts';
import { compareWithTruth, expectTruth } from './truth.ts';

type AskForPage = (cursor: string | null) => Promise<RunPage>;

/** Lets something between the engine and its source answer for pages of runs. */
function answerPages(
  answer: (ask: AskForPage, cursor: string | null, monitorId: string) => Promise<RunPage>,
) {
  return (source: ExaSource): ExaSource => ({
    ...source,
    listRuns: (monitorId, cursor) => answer((asked) => source.listRuns(monitorId, asked), cursor, monitorId),
  });
}

function addRuns({ account, clock }: SyncKit, count: number): void {
  for (let run = 0; run < count; run += 1) {
    clock.advance(hourMs);
    account.addRun('m1', { outcome: 'completed' });
  }
}

test('a run dated in the future, on top of every list, hides none that comes after it', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 9 }), pageSize: 3 });
  const { account, clock, testDatabase } = kit;
  const createdAt = '2031-01-01T00:00:00.000Z';
  account.updateRun('m1', 'm1-r9', { overlay: { fields: { createdAt } } });
  const datedOnTop = answerPages(async (ask, cursor, monitorId) => {
    const page = await ask(cursor);
    const runs = page.runs.filter(({ id }) => id !== 'm1-r9');
    if (cursor !== null) return { ...page, runs };
    const { run } = await kit.source().getRun(monitorId, 'm1-r9');
    return { ...page, runs: run === null ? runs : [run, ...runs] };
  });
  await kit.cycle({ wrapSource: datedOnTop });
  clock.advance(dayMs);
  addRuns(kit, 8);

  expect((await kit.cycle({ wrapSource: datedOnTop })).outcome.runs.inserted).toBe(8);
  await expectTruth(testDatabase.sql, account);
});

test.each([-400 * dayMs, -3 * dayMs, 3 * dayMs, 400 * dayMs])(
  'a clock that is wrong by %i ms costs requests, not rows',
  async (errorMs) => {
    const kit = await useSyncKit({
      account: (clock) => createSmallAccount(clock, { runs: 30 }),
      pageSize: 4,
    });
    const { account, clock, testDatabase } = kit;
    const wrong = { now: () => clock.now() + errorMs };
    const change = (): void => {
      account.addRun('m1', { id: `open ${clock.now()}` });
      addRuns(kit, 9);
    };
    await kit.cycle({ clock: wrong });
    await expectTruth(testDatabase.sql, account);
    change();
    expect((await kit.cycle({ clock: wrong })).outcome.status).toBe('succeeded');
    await expectTruth(testDatabase.sql, account);

    // Right again: what the wrong clock left behind must not keep the full walks away.
    change();
    await kit.cycle();
    await expectTruth(testDatabase.sql, account);
    account.addRun('m1', { id: 'late', createdAtMs: clock.now() - 6 * dayMs, outcome: 'failed' });
    clock.advance(7 * dayMs);
    await kit.cycle();
    await expectTruth(testDatabase.sql, account);
  },
);

test('runs that are all dated 0001-01-01, as by a program without a date, stop no cycle', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 9 }), pageSize: 3 });
  const { account, testDatabase } = kit;
  for (let cycle = 1; cycle <= 3; cycle += 1) {
    account.addRun('m1', { outcome: 'completed' });
    for (const { id } of account.runs('m1')) {
      account.updateRun('m1', id, { overlay: { fields: { createdAt: '0001-01-01T00:00:00Z' } } });
    }
    expect((await kit.cycle()).outcome).toMatchObject({ status: 'succeeded', error: null });
    await expectTruth(testDatabase.sql, account);
  }
});

const emptyPage = {
  monitors: [],
  unreadable: [],
  hasMore: false,
  nextCursor: null,
};

test('a listing that is empty by mistake marks nothing absent', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 3 }) });
  const { account, clock, testDatabase } = kit;
  await kit.cycle();
  clock.advance(minuteMs);
  account.addRun('m2', { outcome: 'completed' });
  const cycle = await kit.cycle({
    wrapSource: (source) => ({
      ...source,
      listMonitors: async () => ({ ...(await source.listMonitors(null)), ...emptyPage }),
    }),
  });

  expect(cycle.outcome).toMatchObject({ status: 'succeeded', monitors: { seen: 3, walked: 1 } });
  await expectTruth(testDatabase.sql, account);
});

test('a list of runs that is empty by mistake marks nothing absent, and the next cycle looks again', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  const { account, testDatabase } = kit;
  await kit.cycle();
  account.addRun('m1', { outcome: 'completed' });
  const empty = answerPages(async (ask, cursor) => ({ ...(await ask(cursor)), runs: [] }));
  await kit.cycle({ wrapSource: empty });
  expect(await testDatabase.sql`select from monitor_runs where absent_since is not null`).toHaveLength(0);

  await kit.cycle();
  await expectTruth(testDatabase.sql, account);
});

test('a run that is gone from an ascending list on one page is marked absent', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { quirks: { runOrder: 'ascending' } }),
  });
  const { account, testDatabase } = kit;
  await kit.cycle();
  for (const run of [1, 5, 10]) account.deleteRun('m1', `m1-r${run}`);
  expect((await kit.cycle()).outcome.status).toBe('succeeded');

  await expectTruth(testDatabase.sql, account);
});

test('a run that moves to another creation time is still one run', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 12 }), pageSize: 5 });
  const { account, clock, testDatabase } = kit;
  await kit.cycle();
  for (const createdAtMs of [clock.now() - minuteMs, clock.now() - 90 * dayMs]) {
    const createdAt = new Date(createdAtMs).toISOString();
    account.updateRun('m1', 'm1-r6', { overlay: { fields: { createdAt } } });
    expect((await kit.cycle({ full: true })).outcome).toMatchObject({
      status: 'succeeded',
      runs: { updated: 1 },
    });
    await expectTruth(testDatabase.sql, account);
  }
});

function sharedId(id: string): string {
  return id.replace(/^m\d-/, '');
}

test('a run that two monitors list, in different orders at the same time, stops no cycle', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 6, runs: 40 }) });
  const { account, testDatabase } = kit;
  const sharedPages = answerPages(async (ask, cursor, monitorId) => {
    const page = await ask(cursor);
    const runs = page.runs.map((run) => ({ ...run, id: sharedId(run.id) }));
    return { ...page, runs: monitorId > 'm3' ? runs.toReversed() : runs };
  });
  const shared = (source: ExaSource): ExaSource => ({
    ...sharedPages(source),
    listMonitors: async (cursor) => {
      const page = await source.listMonitors(cursor);
      const monitors = page.monitors.map(({ lastRun, ...monitor }) => ({
        ...monitor,
        lastRun: lastRun === null ? null : { ...lastRun, id: sharedId(lastRun.id) },
      }));
      return { ...page, monitors };
    },
  });
  for (let cycle = 0; cycle < 5; cycle += 1) {
    const { outcome } = await kit.cycle({ wrapSource: shared, full: true, concurrency: 6 });
    expect(outcome).toMatchObject({ status: 'succeeded', error: null });
  }
  expect(await testDatabase.sql`select from monitor_runs`).toHaveLength(40);
  expect(account.monitorIds()).toHaveLength(6);
});

test('a monitor that is deleted in mid-walk and made again under its id ends with the runs of the new one', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 12 }), pageSize: 3 });
  const { account, clock, simulator, testDatabase } = kit;
  const interruption = interruptAtPage(2);
  simulator.setFaults(interruption.faults);
  await kit.cycle({ signal: interruption.signal });
  simulator.setFaults(null);
  account.deleteMonitor('m1');
  clock.advance(minuteMs);
  account.addMonitor({ id: 'm1', firesOnSchedule: false });
  for (let run = 0; run < 5; run += 1) account.addRun('m1', { id: `again ${run}`, outcome: 'completed' });

  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  await kit.cycle({ full: true });
  await expectTruth(testDatabase.sql, account);
});

test.each([
  ['long', 'x'.repeat(4096)],
  ['strange', `"'\\ %2F&cursor=?#;\u{1F600}\u00e4\n\t`],
])('cursors that are %s are kept and handed back as they are', async (_what, odd) => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 12 }), pageSize: 3 });
  const { account, simulator, testDatabase } = kit;
  const oddCursors = answerPages(async (ask, cursor) => {
    if (cursor !== null && !cursor.startsWith(odd)) throw new Error('the cursor has changed on its way');
    const page = await ask(cursor?.slice(odd.length) ?? null);
    return { ...page, nextCursor: page.nextCursor === null ? null : odd + page.nextCursor };
  });
  const interruption = interruptAtPage(2);
  simulator.setFaults(interruption.faults);
  await kit.cycle({ wrapSource: oddCursors, signal: interruption.signal });
  simulator.setFaults(null);

  expect((await kit.cycle({ wrapSource: oddCursors })).outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);
});

test.each<readonly [string, Fault, number]>([
  ['fails for ever', { kind: 'status', status: 500 }, 4],
  ['leads nowhere', { kind: 'hasMoreWithoutCursor' }, 1],
])('a stored cursor that %s is given up after some cycles', async (_what, fault, cycles) => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 18 }), pageSize: 3 });
  const { account, simulator, testDatabase } = kit;
  const interruption = interruptAtPage(3);
  simulator.setFaults(interruption.faults);
  await kit.cycle({ signal: interruption.signal });
  // From now on the pages are cut at other places.
  account.addRun('m1', { outcome: 'completed' });
  let stored: string | null = null;
  simulator.setFaults(({ cursor }) => {
    stored ??= cursor;
    return cursor !== null && cursor === stored ? fault : null;
  });
  for (let cycle = 1; cycle <= cycles; cycle += 1) expect((await kit.cycle()).outcome.status).toBe('partial');

  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);
});

test('a last page without rows, and a cursor after the end, end the list', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 12 }), pageSize: 4 });
  const { account, testDatabase } = kit;
  const emptyLast = answerPages(async (ask, cursor) => {
    const page = await ask(cursor === 'end' ? null : cursor);
    if (cursor === 'end') return { ...page, runs: [], hasMore: false, nextCursor: 'beyond' };
    return page.hasMore ? page : { ...page, hasMore: true, nextCursor: 'end' };
  });
  const first = await kit.cycle({ wrapSource: emptyLast });

  expect(first.outcome).toMatchObject({ status: 'succeeded', runs: { inserted: 12 } });
  await expectTruth(testDatabase.sql, account);
  account.deleteRun('m1', 'm1-r1');
  await kit.cycle({ wrapSource: emptyLast, full: true });
  expect(await compareWithTruth(testDatabase.sql, account)).toMatchObject({ falselyAbsent: [], lost: [] });
});

test('more rows than asked for are taken', { timeout: 60_000 }, async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { runs: 10_000, stepMs: minuteMs }),
  });
  const { account, testDatabase } = kit;
  const allAtOnce = answerPages(async (ask) => {
    const pages = [await ask(null)];
    for (let next = pages[0]?.nextCursor ?? null; next !== null; next = pages.at(-1)?.nextCursor ?? null) {
      pages.push(await ask(next));
    }
    const last = pages.at(-1) ?? (await ask(null));
    return { ...last, runs: pages.flatMap(({ runs }) => runs) };
  });
  const first = await kit.cycle({ wrapSource: allAtOnce });

  expect(first.outcome).toMatchObject({ status: 'succeeded', runs: { inserted: 10_000 } });
  await expectTruth(testDatabase.sql, account);
});
