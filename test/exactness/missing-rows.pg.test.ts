/** Rows of runs that somebody has deleted. */
import { expect, test } from 'vitest';
import { interruptAtPage } from './interruptions.ts';
import { createSmallAccount } from './small-account.ts';
import { minuteMs, useSyncKit, type SyncKit } from './sync-kit.ts';
import { expectTruth } from './truth.ts';

async function useStoredAccount(): Promise<SyncKit> {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { monitors: 3, runs: 10 }),
    pageSize: 3,
  });
  await kit.cycle();
  kit.clock.advance(minuteMs);
  return kit;
}

test('the next cycle reads again what a truncate deleted', async () => {
  const kit = await useStoredAccount();
  await kit.testDatabase.sql`truncate monitor_runs`;
  expect((await kit.cycle()).outcome).toMatchObject({ status: 'succeeded', runs: { inserted: 30 } });
  await expectTruth(kit.testDatabase.sql, kit.account);
});

test('it reads no other monitor than the one whose rows were deleted', async () => {
  const kit = await useStoredAccount();
  await kit.testDatabase.sql`delete from monitor_runs where monitor_id = 'm2'`;
  expect((await kit.cycle()).outcome).toMatchObject({
    status: 'succeeded',
    monitors: { walked: 1, skipped: 2 },
    runs: { inserted: 10 },
  });
  await expectTruth(kit.testDatabase.sql, kit.account);
});

test('a date that a person named leaves nothing missing below it', async () => {
  const kit = await useStoredAccount();
  await kit.testDatabase.sql`truncate monitor_runs`;
  const { outcome } = await kit.cycle({ since: new Date(kit.clock.now()).toISOString() });
  expect(outcome.runs.inserted).toBe(30);
  await expectTruth(kit.testDatabase.sql, kit.account);
});

test('a walk that was stopped while it read them goes on where it was', async () => {
  const kit = await useStoredAccount();
  await kit.testDatabase.sql`delete from monitor_runs where monitor_id = 'm2'`;
  const interruption = interruptAtPage(2);
  kit.simulator.setFaults(interruption.faults);
  await kit.cycle({ signal: interruption.signal });

  const cursors: (string | null)[] = [];
  kit.simulator.setFaults(({ endpoint, cursor }) => {
    if (endpoint === 'runs') cursors.push(cursor);
    return null;
  });
  await kit.cycle();
  expect(cursors[0]).toEqual(expect.any(String));
  await expectTruth(kit.testDatabase.sql, kit.account);
});

test('a walk that fails while it reads them leaves all of them to the next cycle', async () => {
  const kit = await useStoredAccount();
  await kit.testDatabase.sql`delete from monitor_runs where monitor_id = 'm2'`;
  let pages = 0;
  kit.simulator.setFaults(({ endpoint }) => {
    if (endpoint === 'runs') pages += 1;
    return pages === 3 ? { kind: 'hasMoreWithoutCursor' } : null;
  });
  expect((await kit.cycle()).outcome.status).toBe('partial');

  kit.simulator.setFaults(null);
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  await expectTruth(kit.testDatabase.sql, kit.account);
});
