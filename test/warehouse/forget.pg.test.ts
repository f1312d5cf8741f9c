import { expect, test } from 'vitest';
import { findForgettable, forget, type ForgetWish } from '../../src/warehouse/lifecycle/forget.ts';
import { createSmallAccount } from '../exactness/small-account.ts';
import { dayMs, minuteMs, useSyncKit, type SyncKit } from '../exactness/sync-kit.ts';
import { expectTruth } from '../exactness/truth.ts';

const never = new AbortController().signal;

async function useStoredAccount(runs = 10): Promise<SyncKit> {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { monitors: 3, runs }) });
  await kit.cycle();
  kit.clock.advance(minuteMs);
  const { sql } = kit.testDatabase;
  await sql`update monitors set metadata = '{"changed": true}'`;
  for (const monitor of ['m1', 'm2', 'm3']) {
    const run = `${monitor}-r1`;
    await sql`insert into monitor_run_outputs (run_id, results, answer) values (${run}, 1, 1)`;
    await sql`insert into monitor_run_results (run_id, position, url) values (${run}, 1, 'https://page.example')`;
    await sql`
      insert into monitor_run_status_changes (run_id, monitor_id, to_status, changed_at, answer)
      values (${run}, ${monitor}, 'completed', now(), 1)`;
    await sql`
      insert into rejected_runs (monitor_id, run_key, reason, payload) values (${monitor}, 'bad', 'no date', '{}')`;
    await sql`
      insert into missed_runs (monitor_id, due_at, next_due_at, in_time_until, noticed_at)
      values (${monitor}, now(), now(), now(), now())`;
    await sql`
      insert into monitor_schedules (monitor_id, schedule_key, known_since) values (${monitor}, 'k', now())
      on conflict do nothing`;
  }
  return kit;
}

/** Rows of each table that name a monitor, or a run of it. */
async function traces({ testDatabase }: SyncKit, monitor: string): Promise<Record<string, number>> {
  const { sql } = testDatabase;
  const tables = await sql<{ name: string; id: string }[]>`
    select table_name as name, column_name as id from information_schema.columns
    join pg_class on relname = table_name and relkind = 'r'
    where table_schema = 'public' and (column_name in ('monitor_id', 'run_id') or (table_name, column_name) in (('monitors', 'id')))`;
  const counts: Record<string, number> = {};
  for (const { name, id } of tables) {
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from ${sql(name)} where ${sql(id)} = ${monitor} or ${sql(id)} like ${`${monitor}-%`}`;
    counts[name] = Math.max(counts[name] ?? 0, row?.count ?? 0);
  }
  return counts;
}

/** What Exa does not show. */
async function removeInventions({ testDatabase }: SyncKit): Promise<void> {
  await testDatabase.sql`truncate rejected_runs, monitor_run_outputs, monitor_run_results`;
}

async function forgetNow({ database }: SyncKit, wish: ForgetWish) {
  const found = await findForgettable(database, wish);
  await forget(database, wish, found, never);
  return found;
}

async function wrongSummaries({ testDatabase }: SyncKit): Promise<number> {
  const rows = await testDatabase.sql`
    select wrong_monitor_run_summaries(array(select id from monitors union select monitor_id from monitor_run_summaries))`;
  return rows.length;
}

test('a monitor is forgotten with all that is derived from it, and no other loses a row', async () => {
  const kit = await useStoredAccount();
  const before = await traces(kit, 'm2');
  const others = [await traces(kit, 'm1'), await traces(kit, 'm3')];
  expect(Object.values(before).every((count) => count > 0)).toBe(true);
  const found = await forgetNow(kit, { by: 'monitor', ids: ['m2'] });

  expect(found).toMatchObject({ monitorIds: ['m2'], stillListed: 1 });
  expect(found.rows).toEqual(before);
  expect(new Set(Object.values(await traces(kit, 'm2')))).toEqual(new Set([0]));
  expect([await traces(kit, 'm1'), await traces(kit, 'm3')]).toEqual(others);
  expect(await wrongSummaries(kit)).toBe(0);
});

test('what Exa still lists comes back whole with the next cycle, and what it does not stays away', async () => {
  const kit = await useStoredAccount();
  await removeInventions(kit);
  await forgetNow(kit, { by: 'monitor', ids: ['m2', 'm3'] });
  kit.account.deleteMonitor('m3');
  const { outcome } = await kit.cycle();

  expect(outcome).toMatchObject({
    status: 'succeeded',
    monitors: { seen: 2, walked: 1 },
    runs: { inserted: 10 },
  });
  expect((await traces(kit, 'm3'))['monitors']).toBe(0);
  kit.clock.advance(minuteMs);
  const idle = await kit.cycle();
  expect(idle).toMatchObject({ requests: 1, outcome: { monitors: { walked: 0 } } });
  await expectTruth(kit.testDatabase.sql, kit.account);
});

test('what has been absent for long is forgotten, rates say so, and the cycle after it is idle', async () => {
  const kit = await useStoredAccount();
  await removeInventions(kit);
  kit.account.deleteMonitor('m3');
  kit.account.deleteRun('m1', 'm1-r10');
  for (let cycle = 0; cycle < 2; cycle += 1) {
    await kit.cycle({ full: true });
    kit.clock.advance(minuteMs);
  }
  const { sql } = kit.testDatabase;
  const marked = await sql`select id from monitor_runs where monitor_id <> 'm3' and absent_since is not null`;
  expect(marked.map((row) => row['id'])).toEqual(['m1-r10']);
  const found = await forgetNow(kit, { by: 'absence', before: new Date(Date.now() + dayMs).toISOString() });

  expect(found).toMatchObject({
    monitorIds: ['m3'],
    stillListed: 0,
    rows: { monitor_runs: 11, monitors: 1 },
  });
  expect((await traces(kit, 'm1'))['monitor_runs']).toBe(9);
  expect(await wrongSummaries(kit)).toBe(0);
  await kit.cycle();
  kit.clock.advance(minuteMs);
  expect(await kit.cycle()).toMatchObject({
    requests: 1,
    outcome: { status: 'succeeded', monitors: { walked: 0 } },
  });
  await expectTruth(sql, kit.account);
});

test('what was absent only lately stays', async () => {
  const kit = await useStoredAccount();
  await kit.testDatabase.sql`update monitors set absent_since = now() where id = 'm3'`;

  expect(await findForgettable(kit.database, { by: 'absence', before: '2026-01-01T00:00:00Z' })).toEqual({
    monitorIds: [],
    stillListed: 0,
    rows: {},
  });
});

test('an account is forgotten with what identified it, others keep theirs', async () => {
  const kit = await useStoredAccount();
  const { sql } = kit.testDatabase;
  await sql`insert into sync_sources (id, account, api) values (7, 'eu', 'websets'), (8, 'eu', 'search')`;
  await sql`insert into sync_accounts (name, team_id) values ('eu', 'team_2')`;
  await sql`insert into sync_cycle_sources (cycle_id, source_id, status) values (1, 7, 'succeeded')`;
  await sql`update monitors set source_id = 7 where id = 'm2'`;
  const found = await forgetNow(kit, { by: 'account', name: 'eu' });

  expect(found.monitorIds).toEqual(['m2']);
  expect([...(await sql`select name from sync_accounts`)]).toEqual([{ name: 'default' }]);
  expect([...(await sql`select id from sync_sources`)]).toEqual([{ id: 1 }]);
  expect([...(await sql`select distinct source_id from sync_cycle_sources`)]).toEqual([{ source_id: 1 }]);
  await forgetNow(kit, { by: 'account', name: 'default' });
  expect([...(await sql`select id, readable_at from sync_sources`)]).toEqual([{ id: 1, readable_at: null }]);
  expect([...(await sql`select id from monitor_runs`)]).toEqual([]);
});

test('one that was stopped between two batches goes on when it is asked again', async () => {
  const kit = await useStoredAccount();
  const { sql } = kit.testDatabase;
  await sql`
    insert into monitor_runs (id, monitor_id, status, created_at, updated_at, answer)
    select 'm2-x' || number, 'm2', 'failed', now() - number * interval '1 hour', now(), 1 from generate_series(1, 5000) number`;
  const wish = { by: 'monitor', ids: ['m2'] } as const;
  const found = await findForgettable(kit.database, wish);
  let looks = 0;
  const stopped = new Error('stopped');
  const signal = Object.assign(new AbortController().signal, {
    throwIfAborted: () => {
      looks += 1;
      if (looks === 2) throw stopped;
    },
  });
  await expect(forget(kit.database, wish, found, signal)).rejects.toBe(stopped);
  const left = await findForgettable(kit.database, wish);
  expect(left).toMatchObject({ monitorIds: ['m2'], rows: { monitor_runs: 3010 } });
  expect(await wrongSummaries(kit)).toBe(0);
  await forget(kit.database, wish, left, never);

  expect(new Set(Object.values(await traces(kit, 'm2')))).toEqual(new Set([0]));
});
