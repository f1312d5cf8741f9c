import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { CycleStore, PageToSave } from '../../src/sync/ports.ts';
import { createCycleStore } from '../../src/warehouse/cycle/cycle-store.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { someRun } from '../builders/some-run.ts';
import { pageOf, someInstant, unfinishedAfter, websets } from './pages.ts';

function pageWith(status: string, answer: number): PageToSave {
  return pageOf([someRun({ status })], {
    rejected: [{ key: 'bad', monitorId: 'm', reason: 'no date', payload: {} }],
    answer,
    progress: unfinishedAfter(answer),
  });
}

/** A transaction of somebody else, who waits for a lock as long as it takes and never is a deadlock's victim. */
async function beginOutside({ sql }: TestDatabase) {
  const outside = await sql.reserve();
  onTestFinished(() => outside.release());
  await outside`begin`;
  await outside`set local deadlock_timeout = '1h'`;
  return outside;
}

async function untilWaiting({ sql }: TestDatabase, sessions: number): Promise<void> {
  for (;;) {
    const rows = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    if (rows.length === sessions) return;
    await wait(10);
  }
}

/** The store of one more process. */
function openStore({ url }: TestDatabase): CycleStore {
  const where = { url, schema: null, maxConnections: 2 };
  const database = openDatabase(where);
  onTestFinished(() => database.close());
  return createCycleStore(database, where, { host: 'test', pid: 1 });
}

test('a page that loses a deadlock is written again, whole', async () => {
  const testDatabase = await createTestDatabase();
  const cycle = await openStore(testDatabase).openCycle('manual', someInstant);
  await cycle.source(websets.id).savePage(pageWith('running', 1));

  // A page takes its rejection, its run and its checkpoint, in this order. It is held up at the run, and others wait for
  // the rejection meanwhile: when it goes on to the checkpoint, which those have, it closes the circle and is the victim.
  const [holdUp, other] = [await beginOutside(testDatabase), await beginOutside(testDatabase)];
  await holdUp`select from monitor_runs for update`;
  await other`select from sync_checkpoints for update`;
  const saved = cycle.source(websets.id).savePage(pageWith('completed', 2));
  await untilWaiting(testDatabase, 1);
  const rejection = other`select from rejected_runs for update`.execute();
  await untilWaiting(testDatabase, 2);
  await holdUp`commit`;
  // They get it only because the page's transaction is rolled back.
  expect(await Promise.race([rejection, saved])).toHaveLength(1);
  await other`commit`;

  expect(await saved).toMatchObject({ updated: 1 });
  expect(
    await testDatabase.sql`select status, unfinished_walk ->> 'pages' as pages from monitor_runs, sync_checkpoints`,
  ).toEqual([{ status: 'completed', pages: '2' }]);
});

test.each(['read committed', 'serializable'])(
  'a new cycle waits for what the process that lost the lock has under way, and lets nothing later through',
  async (isolation) => {
    const testDatabase = await createTestDatabase();
    const { sql, name } = testDatabase;
    // Of whatever level a database makes transactions by default, these are not.
    await sql.unsafe(`alter database ${name} set default_transaction_isolation = '${isolation}'`);
    const old = await openStore(testDatabase).openCycle('manual', someInstant);
    await old.source(websets.id).savePage(pageWith('running', 1));
    const holdUp = await beginOutside(testDatabase);
    await holdUp`select from monitor_runs for update`;
    const order: string[] = [];
    const written = old
      .source(websets.id)
      .savePage(pageWith('completed', 2))
      .then(() => order.push('written'));
    await untilWaiting(testDatabase, 1);
    await sql`
    select pg_terminate_backend(pid, 5000) from pg_locks
    where relation = 'sync_lock'::regclass and mode = 'ShareRowExclusiveLock'
      and database = (select oid from pg_database where datname = current_database())`;

    const takenOver = openStore(testDatabase)
      .openCycle('manual', someInstant)
      .then(() => order.push('taken over'));
    await Promise.race([untilWaiting(testDatabase, 2), takenOver]);
    expect(order).toEqual([]);
    await holdUp`commit`;
    await Promise.all([written, takenOver]);
    expect(order).toEqual(['written', 'taken over']);
    await expect(old.source(websets.id).savePage(pageWith('failed', 3))).rejects.toThrow('taken it over');
  },
);
