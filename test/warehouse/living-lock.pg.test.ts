import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { StopCycleError } from '../../src/sync/errors.ts';
import type { CycleStore } from '../../src/sync/ports.ts';
import { createCycleStore } from '../../src/warehouse/cycle/cycle-store.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { endLockHolder } from '../exactness/lock-holder.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { someRun } from '../builders/some-run.ts';
import { outcomeOf, pageOf, someInstant, websets } from './pages.ts';

let database: TestDatabase;
let store: CycleStore;

beforeEach(async () => {
  database = await createTestDatabase();
  const where = { url: database.url, schema: null, maxConnections: 2 };
  const opened = openDatabase(where);
  onTestFinished(() => opened.close());
  store = createCycleStore(opened, where, { host: 'test', pid: 1 });
});

test('once the session of the lock is gone nothing more is written, and nobody has to take over first', async () => {
  const cycle = await store.openCycle('manual', someInstant);
  const source = cycle.source(websets.id);
  await source.savePage(pageOf([someRun({ id: 'before' })]));
  await endLockHolder(database.sql);

  const late = source.savePage(pageOf([someRun({ id: 'after' })], { answer: 2 }));
  await expect(late).rejects.toThrow(StopCycleError);
  expect(await database.sql`select id from monitor_runs`).toEqual([{ id: 'before' }]);
});

test.each(['succeeded', 'partial'] as const)(
  'a cycle that lost its lock does not end as %s: what it wrote last may be gone',
  async (status) => {
    const cycle = await store.openCycle('manual', someInstant);
    await endLockHolder(database.sql);
    await expect(cycle.close(outcomeOf(status), someInstant)).rejects.toThrow(StopCycleError);
    await (await store.openCycle('manual', someInstant)).close(outcomeOf('succeeded'), someInstant);

    expect(await database.sql`select status from sync_cycles order by id`).toEqual([
      { status: 'interrupted' },
      { status: 'succeeded' },
    ]);
  },
);

test('a cycle that lost its lock and failed can say so', async () => {
  const cycle = await store.openCycle('manual', someInstant);
  await endLockHolder(database.sql);
  await cycle.close(outcomeOf('failed'), someInstant);
  expect(await database.sql`select status from sync_cycles`).toEqual([{ status: 'failed' }]);
});

test('no page waits for the disk, and the close of the cycle does', async () => {
  // As servers have it by default, but for the one of the tests.
  await database.sql`alter database ${database.sql(database.name)} set synchronous_commit = on`;
  await database.sql`create table commits (relation text, waits text)`;
  await database.sql.unsafe(`
    create function note_commit() returns trigger language plpgsql as $$
    begin insert into commits values (tg_relname, current_setting('synchronous_commit')); return null; end $$;
    create trigger note_commit after insert on monitor_runs for each statement execute function note_commit();
    create trigger note_commit after update on sync_cycles for each statement execute function note_commit();`);
  const cycle = await store.openCycle('manual', someInstant);
  await database.sql`delete from commits`;
  await cycle.source(websets.id).savePage(pageOf([someRun({ id: 'new' })]));
  await cycle.source(websets.id).savePage(pageOf([someRun({ id: 'newer' })], { answer: 2 }));
  await cycle.close(outcomeOf('succeeded'), someInstant);

  expect(await database.sql`select * from commits`).toEqual([
    { relation: 'monitor_runs', waits: 'off' },
    { relation: 'monitor_runs', waits: 'off' },
    { relation: 'sync_cycles', waits: 'on' },
  ]);
});
