/** A new version takes over what an old one left in the middle of its work. */
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { migrateWarehouse } from '../../src/warehouse/upkeep/migrate.ts';
import { readMigrations } from '../../src/warehouse/upkeep/migration-files.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { interruptAtPage } from './interruptions.ts';
import { createSmallAccount } from './small-account.ts';
import { useSyncKit } from './sync-kit.ts';
import { expectTruth } from './truth.ts';

/** The last migration before checkpoints were kept as JSON and sources were told apart. */
const lastOfOld = '0011_drop_sync_listing';

async function migrate({ url }: TestDatabase, upTo?: string): Promise<void> {
  const database = openDatabase({ url, schema: null, maxConnections: 1 });
  onTestFinished(() => database.close());
  const all = readMigrations();
  const end = upTo === undefined ? all.length : all.findIndex(({ tag }) => tag === upTo) + 1;
  await migrateWarehouse(database, { migrations: all.slice(0, end) });
}

/** Gives an old warehouse the runs and the unfinished walk of a current one, in the columns that it had for them. */
async function carryBack(from: TestDatabase, to: TestDatabase): Promise<void> {
  const [{ runs, checkpoints } = {}] = await from.sql`
    select (select json_agg(monitor_runs) from monitor_runs) as runs,
      (select json_agg(sync_checkpoints) from sync_checkpoints) as checkpoints`;
  await to.sql`
    insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, completed_at, answer)
    select id, monitor_id, status, type, created_at, updated_at, completed_at, answer
    from jsonb_populate_recordset(null::monitor_runs, ${to.sql.json(runs)})`;
  await to.sql`
    insert into sync_checkpoints (monitor_id, walk_kind, walk_cursor, walk_mark, walk_stop_at, walk_descending,
      walk_oldest_created_at, walk_newest_run_id, walk_newest_run_status, walk_newest_run_created_at,
      walk_newest_run_updated_at, walk_pages, walk_started_at)
    select monitor_id, walk ->> 'kind', walk ->> 'cursor', (walk ->> 'mark')::timestamptz,
      (walk ->> 'stopAt')::timestamptz, (walk ->> 'descending')::boolean, (walk ->> 'oldestCreatedAt')::timestamptz,
      walk -> 'newestRun' ->> 'id', walk -> 'newestRun' ->> 'status',
      (walk -> 'newestRun' ->> 'createdAt')::timestamptz, (walk -> 'newestRun' ->> 'updatedAt')::timestamptz,
      (walk ->> 'pages')::integer, (walk ->> 'startedAt')::timestamptz
    from jsonb_to_recordset(${to.sql.json(checkpoints)}) as stored (monitor_id text, unfinished_walk jsonb),
      lateral (select unfinished_walk) as one (walk)`;
}

test('a walk that an old version left unfinished goes on at its cursor after the upgrade', async () => {
  const before = await useSyncKit({
    account: (clock) => createSmallAccount(clock, { runs: 20 }),
    pageSize: 3,
  });
  const { account, testDatabase } = before;
  const interruption = interruptAtPage(3);
  before.simulator.setFaults(interruption.faults);
  expect((await before.cycle({ signal: interruption.signal })).outcome.status).toBe('interrupted');
  const [left] = await testDatabase.sql`select unfinished_walk ->> 'cursor' as cursor from sync_checkpoints`;
  expect(left?.['cursor']).toEqual(expect.any(String));

  const upgraded = await createTestDatabase('empty');
  await migrate(upgraded, lastOfOld);
  await carryBack(testDatabase, upgraded);
  await migrate(upgraded);

  const after = await useSyncKit({ account: () => account, database: upgraded, pageSize: 3 });
  const cursors: (string | null)[] = [];
  after.simulator.setFaults(({ endpoint, cursor }) => {
    if (endpoint === 'runs') cursors.push(cursor);
    return null;
  });
  const { outcome } = await after.cycle();
  expect(outcome).toMatchObject({ status: 'succeeded', runs: { inserted: 11 } });
  expect(cursors[0]).toBe(left?.['cursor']);
  await expectTruth(upgraded.sql, account);
});
