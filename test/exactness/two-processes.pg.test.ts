import { EventEmitter, once } from 'node:events';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import type { ExaSource } from '../../src/exa/source.ts';
import { LockHeldError } from '../../src/sync/errors.ts';
import { createCycleStore } from '../../src/warehouse/cycle/cycle-store.ts';
import { migrateWarehouse } from '../../src/warehouse/upkeep/migrate.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { outcomeOf } from '../warehouse/pages.ts';
import { endLockHolder } from './lock-holder.ts';
import { createSmallAccount } from './small-account.ts';
import { serveSmallAccount, startSync } from './sync-process.ts';
import { useSyncKit } from './sync-kit.ts';
import { startTransactionPooler } from './transaction-pooler.ts';
import { expectTruth } from './truth.ts';

/** A process that waits so long for an answer is still there when the next one has started, on any machine. */
const patientMs = 60_000;

/** Stops the engine at its so manieth question for a page of runs, and says when it is there. */
function pauseAtPage(page: number) {
  const events = new EventEmitter();
  const arrived = once(events, 'arrived');
  let pages = 0;
  const wrapSource = (source: ExaSource): ExaSource => ({
    ...source,
    listRuns: async (monitorId, cursor) => {
      pages += 1;
      if (pages === page) {
        events.emit('arrived');
        await once(events, 'resume');
      }
      return source.listRuns(monitorId, cursor);
    },
  });
  return { arrived, resume: () => events.emit('resume'), wrapSource };
}

test(
  'a second process exits with 75 and names the holder, and a dead holder leaves the lock free at once',
  { timeout: 60_000 },
  async () => {
    const served = await serveSmallAccount({ runs: 9 });
    const { simulator, database } = served;
    const first = startSync(served, { timeoutMs: patientMs });
    await new Promise<void>((resolve) => {
      simulator.setFaults(({ ordinal }) => {
        if (ordinal !== 3) return null;
        resolve();
        return { kind: 'hang' };
      });
    });

    const second = startSync(served);
    expect(await second.ended()).toBe(75);
    expect(second.output()).toContain(`process ${first.pid} on ${hostname()}`);

    first.kill();
    await first.ended();
    const third = startSync(served);
    await third.succeeded();
    await expectTruth(database.sql, served.account);
    const cycles = await database.sql`select status, pid, error from sync_cycles order by id`;
    expect(cycles).toMatchObject([
      { status: 'interrupted', pid: first.pid, error: 'its process ended without closing the cycle' },
      { status: 'succeeded', pid: third.pid, error: null },
    ]);
  },
);

test(
  'a pooler in transaction mode changes nothing: one cycle at a time, and no lock stays behind',
  { timeout: 120_000 },
  async () => {
    const served = await serveSmallAccount({ monitors: 2, runs: 9 });
    const { simulator, database } = served;
    const pooler = await startTransactionPooler(database.url);
    const throughPooler = { databaseUrl: pooler.url, concurrency: 2 };
    const first = startSync(served, { ...throughPooler, timeoutMs: patientMs });
    await new Promise<void>((resolve) => {
      simulator.setFaults(({ ordinal }) => {
        if (ordinal !== 4) return null;
        resolve();
        return { kind: 'hang' };
      });
    });
    const second = startSync(served, throughPooler);
    expect(await second.ended()).toBe(75);
    expect(second.output()).toContain(`process ${first.pid} on ${hostname()}`);

    first.kill();
    await first.ended();
    for (const args of [[], ['--full']]) await startSync(served, { ...throughPooler, args }).succeeded();
    await expectTruth(database.sql, served.account);
    // Whoever comes next would meet what a session has kept.
    expect(pooler.openServers()).toBeGreaterThan(2);
    expect(
      await database.sql`
        select from pg_locks where (locktype = 'advisory' or relation = 'sync_lock'::regclass)
          and database = (select oid from pg_database where datname = current_database())`,
    ).toHaveLength(0);
  },
);

test('the lock is one for each schema: two warehouses in one database do not meet', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  const { testDatabase, clock } = kit;
  const where = { url: testDatabase.url, schema: 'other', maxConnections: 1 };
  const database = openDatabase(where);
  await migrateWarehouse(database);
  const other = createCycleStore(database, where, { host: 'elsewhere', pid: 1 });
  const now = new Date(clock.now()).toISOString();

  const here = await kit.store.openCycle('manual', now);
  const there = await other.openCycle('manual', now);
  await expect(other.openCycle('manual', now)).rejects.toThrow(LockHeldError);
  const outcome = outcomeOf('succeeded');
  await here.close(outcome, now);
  await there.close(outcome, now);
  await database.close();
});

test('a process that learns of its lost lock stops, and closes its record itself', async () => {
  const kit = await useSyncKit({ account: (clock) => createSmallAccount(clock, { runs: 9 }), pageSize: 3 });
  const { account, testDatabase } = kit;
  const pause = pauseAtPage(2);
  const cycle = kit.cycle({ wrapSource: pause.wrapSource });
  await pause.arrived;
  await endLockHolder(kit.testDatabase.sql);
  pause.resume();

  expect(await cycle).toMatchObject({
    outcome: { status: 'failed', error: expect.stringContaining('lock was lost') },
  });
  expect((await kit.cycle()).outcome.status).toBe('succeeded');
  await expectTruth(testDatabase.sql, account);
});

test('a lock that is lost while the cycle is being opened costs no request', async () => {
  const kit = await useSyncKit({ account: createSmallAccount });
  const cycle = await kit.cycle({
    wrapStore: (store) => ({
      ...store,
      openCycle: async (trigger, startedAt) => {
        const opened = await store.openCycle(trigger, startedAt);
        await endLockHolder(kit.testDatabase.sql);
        if (!opened.lockLost.aborted) await once(opened.lockLost, 'abort');
        return opened;
      },
    }),
  });

  expect(cycle).toMatchObject({
    requests: 0,
    outcome: { status: 'failed', error: expect.stringContaining('lock was lost') },
  });
});

test('a stalled process that does not notice cannot write once another has taken over', async () => {
  const stalled = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { monitors: 2, runs: 9 }),
    pageSize: 3,
    host: 'stalled',
  });
  const { account, testDatabase } = stalled;
  const pause = pauseAtPage(2);
  const old = stalled.cycle({
    wrapSource: pause.wrapSource,
    concurrency: 1,
    wrapStore: (store) => ({
      ...store,
      openCycle: async (trigger, startedAt) => ({
        ...(await store.openCycle(trigger, startedAt)),
        lockLost: new AbortController().signal,
      }),
    }),
  });
  await pause.arrived;
  await endLockHolder(testDatabase.sql);
  // The other process sees a newer state, which the stalled one must not overwrite.
  account.updateRun('m1', 'm1-r5', {
    outcome: { status: 'failed', atMs: stalled.clock.now(), failedReason: 'newer' },
  });
  expect((await stalled.cycle()).outcome.status).toBe('succeeded');
  const before = await testDatabase.sql`select id, xmin::text, ctid::text from monitor_runs order by id`;
  const checkpoints = await testDatabase.sql`select * from sync_checkpoints order by monitor_id`;
  pause.resume();

  expect((await old).outcome).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('taken it over'),
  });
  expect(await testDatabase.sql`select id, xmin::text, ctid::text from monitor_runs order by id`).toEqual(
    before,
  );
  expect(await testDatabase.sql`select * from sync_checkpoints order by monitor_id`).toEqual(checkpoints);
  const cycles = await testDatabase.sql`select status from sync_cycles order by id`;
  expect(cycles.map(({ status }) => String(status))).toEqual(['interrupted', 'succeeded']);
  await expectTruth(testDatabase.sql, account);
});
