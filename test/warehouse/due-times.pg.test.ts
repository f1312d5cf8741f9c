import { expect, test } from 'vitest';
import { SimulatedAccount } from '../../src/simulator/account/account.ts';
import type { ManualClock } from '../../src/simulator/state/clock.ts';
import { dayMs, hourMs, minuteMs, useSyncKit, type SyncKit } from '../exactness/sync-kit.ts';

/** Six in the morning of the day on which the clock of the tests starts. */
const todayMs = Date.UTC(2026, 2, 10, 6);
const daysAgo = (days: number): number => todayMs - days * dayMs;

/** An account of one daily monitor that is 20 days old, with a run on each of its days but these. */
function accountWithout(...missing: readonly number[]): (clock: ManualClock) => SimulatedAccount {
  return (clock) => {
    const account = new SimulatedAccount({ clock });
    account.addMonitor({ id: 'm', createdAtMs: daysAgo(20) + hourMs });
    for (let day = 19; day >= 0; day -= 1) {
      if (!missing.includes(day)) addRun(account, daysAgo(day));
    }
    return account;
  };
}

function addRun(account: SimulatedAccount, createdAtMs: number): string {
  const outcome = { status: 'completed', atMs: createdAtMs + minuteMs, failedReason: null } as const;
  return account.addRun('m', { createdAtMs, outcome });
}

/** Of each missed run how many days ago it was due, and how many hours the one that came was late. */
async function missedRuns({ testDatabase }: SyncKit) {
  const rows = await testDatabase.sql<{ day: number; late: number | null }[]>`
    select (extract(epoch from to_timestamp(${todayMs / 1000}) - due_at) / 86400)::integer as day,
      (late_by_seconds / 3600)::float as late
    from missed_runs order by due_at`;
  return rows.map(({ day, late }) => [day, late]);
}

async function verdict({ testDatabase }: SyncKit): Promise<unknown> {
  // The clock of the database, which writes this, is far ahead of that of the cycles.
  await testDatabase.sql`update monitors set first_synced_at = created_at`;
  const [row] = await testDatabase.sql`select verdict from monitor_health`;
  return row?.['verdict'];
}

test('a daily monitor that stopped firing is silent, and each day without a run is missed', async () => {
  const kit = await useSyncKit({ account: accountWithout(...Array.from({ length: 8 }, (_, day) => day)) });
  await kit.cycle();
  expect(await missedRuns(kit)).toEqual([7, 6, 5, 4, 3, 2, 1, 0].map((day) => [day, null]));
  expect(await verdict(kit)).toBe('silent');
});

test('a day that was skipped is one missed run, which a run takes away that appears later', async () => {
  const kit = await useSyncKit({ account: accountWithout(4) });
  await kit.cycle();
  expect(await missedRuns(kit)).toEqual([[4, null]]);

  addRun(kit.account, daysAgo(4) + 5 * minuteMs);
  await kit.cycle({ full: true });
  expect(await missedRuns(kit)).toEqual([]);
});

test('a run that comes after the grace is late', async () => {
  const kit = await useSyncKit({ account: accountWithout(4, 2) });
  addRun(kit.account, daysAgo(4) + 3 * hourMs);
  await kit.cycle();
  addRun(kit.account, daysAgo(2) + 2 * hourMs);
  await kit.cycle({ full: true });
  expect(await missedRuns(kit)).toEqual([
    [4, 3],
    [2, 2],
  ]);
});

test('an idle cycle writes nothing of it', async () => {
  const kit = await useSyncKit({ account: accountWithout(4) });
  const rows = () =>
    kit.testDatabase.sql`select xmin::text, monitor_id from monitor_schedules
      union all select xmin::text, monitor_id from missed_runs`;
  await kit.cycle();
  const before = await rows();
  await kit.cycle();
  expect(before).toHaveLength(2);
  expect([...(await rows())]).toEqual([...before]);
});

test('what is not over yet, was not read, or belongs to a monitor that is disabled or gone is not missed', async () => {
  const kit = await useSyncKit({ account: accountWithout() });
  const { account, clock } = kit;
  account.updateMonitor('m', { status: 'enabled', cadence: { cron: '0 14 * * *', timezone: 'Etc/UTC' } });
  await kit.cycle();
  clock.advance(2 * hourMs + 30 * minuteMs);
  account.updateMonitor('m', { status: 'disabled' });
  await kit.cycle();
  clock.advance(dayMs);
  await kit.cycle();
  account.updateMonitor('m', { status: 'enabled' });
  account.deleteMonitor('m');
  clock.advance(3 * dayMs);
  await kit.cycle();
  expect(await missedRuns(kit)).toEqual([]);
});
