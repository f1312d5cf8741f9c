import { expect, test } from 'vitest';
import { interruptAtPage } from './interruptions.ts';
import { createSmallAccount } from './small-account.ts';
import { useSyncKit } from './sync-kit.ts';
import { expectTruth } from './truth.ts';

const badDate = { fields: { createdAt: 'yesterday' } };

test('a run that cannot become a row is kept with its reason, and costs nothing else', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  const { account, testDatabase } = kit;
  account.updateRun('m1', 'm1-r5', { overlay: badDate });
  const cycle = await kit.cycle();

  expect(cycle.outcome).toMatchObject({
    status: 'partial',
    runs: { inserted: 9, rejected: 1 },
    error: '1 runs are in rejected_runs',
  });
  await expectTruth(testDatabase.sql, account, { rejected: new Set(['m1-r5']) });
  const [kept] = await testDatabase.sql`select monitor_id, run_key, reason, payload from rejected_runs`;
  expect(kept).toMatchObject({ monitor_id: 'm1', run_key: 'm1-r5', payload: { createdAt: 'yesterday' } });
  expect(kept?.['reason']).toContain('createdAt: "yesterday"');

  // It stays partial as long as it is so, also when nothing is read.
  expect((await kit.cycle()).outcome.status).toBe('partial');
});

test('a rejected run leaves the table when a later version of it is accepted, by whatever walk', async () => {
  const kit = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { runs: 12 }),
    pageSize: 3,
  });
  const { account, testDatabase } = kit;
  account.updateRun('m1', 'm1-r11', { overlay: badDate });
  await kit.cycle();
  account.updateRun('m1', 'm1-r11', { overlay: null });
  account.addRun('m1', { id: 'new', outcome: 'completed' });
  const next = await kit.cycle();

  expect(next.outcome.status).toBe('succeeded');
  // Not the whole list.
  expect(next.requests).toBe(1 + 2);
  await expectTruth(testDatabase.sql, account);
});

test('a rejected run that the API no longer has is forgotten by a walk that read the whole list', async () => {
  const kit = await useSyncKit({ account: createSmallAccount, pageSize: 4 });
  const { account, testDatabase } = kit;
  account.updateRun('m1', 'm1-r5', { overlay: badDate });
  account.updateRun('m1', 'm1-r6', { overlay: { raw: 'not even an object' } });
  account.updateRun('m1', 'm1-r7', { overlay: badDate });
  await kit.cycle();
  account.deleteRun('m1', 'm1-r5');
  account.deleteRun('m1', 'm1-r6');

  expect((await kit.cycle({ full: true })).outcome).toMatchObject({
    status: 'partial',
    runs: { rejected: 1 },
  });
  expect(await testDatabase.sql`select run_key from rejected_runs`).toEqual([{ run_key: 'm1-r7' }]);
});

test('a resumed walk forgets no rejection of a page that it did not read', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 18 }), pageSize: 3 });
  const { account, simulator, testDatabase } = kit;
  // On the third page: below what the walk from the top reads again after the resumed one.
  account.updateRun('m1', 'm1-r11', { overlay: badDate });
  const interruption = interruptAtPage(4);
  simulator.setFaults(interruption.faults);
  expect((await kit.cycle({ signal: interruption.signal })).outcome).toMatchObject({
    status: 'interrupted',
    runs: { rejected: 1 },
  });
  simulator.setFaults(null);

  expect((await kit.cycle()).outcome).toMatchObject({ status: 'partial', runs: { rejected: 0 } });
  expect(await testDatabase.sql`select run_key from rejected_runs`).toEqual([{ run_key: 'm1-r11' }]);
});

test('rejected runs of a monitor that is gone keep no cycle partial', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 2 }) });
  const { account, testDatabase } = kit;
  account.updateRun('m2', 'm2-r5', { overlay: badDate });
  expect((await kit.cycle()).outcome.status).toBe('partial');
  account.deleteMonitor('m2');

  expect((await kit.cycle()).outcome).toMatchObject({ status: 'succeeded', error: null });
  // They stay, like the runs that became rows.
  expect(await testDatabase.sql`select run_key from rejected_runs`).toEqual([{ run_key: 'm2-r5' }]);
});
