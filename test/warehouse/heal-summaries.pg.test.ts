import { expect, it, onTestFinished } from 'vitest';
import { openDatabase, type Database } from '../../src/warehouse/connection/database.ts';
import {
  findWrongSummaries,
  rebuildAllSummaries,
  rebuildSummaries,
} from '../../src/warehouse/upkeep/heal-summaries.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

const monitors = 300;

async function arrange(): Promise<TestDatabase & { database: Database }> {
  const made = await createTestDatabase();
  const database = openDatabase({ url: made.url, schema: null, maxConnections: 1 });
  onTestFinished(() => database.close());
  await made.sql`insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, created_at, updated_at)
    select 'm' || n, 'w', 'enabled', '0 0 * * *', 'UTC', '{}', '{}', now(), now() from generate_series(1, ${monitors}::int) n`;
  await made.sql`insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, answer)
    select 'r' || n || '-' || day, 'm' || n, 'completed', 'search', now() - day * interval '24 hours', now(), 1
    from generate_series(1, ${monitors}::int) n, generate_series(1, 3) day`;
  return { ...made, database };
}

/** Does it as a bulk load or a replica does, with triggers off. */
async function unnoticed({ sql }: TestDatabase, statement: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx.unsafe(statement);
  });
}

it('runs that were loaded with triggers off are noticed at once, and the summaries mended', async () => {
  const made = await arrange();
  expect(await findWrongSummaries(made.database, 0.5)).toEqual([]);
  await unnoticed(
    made,
    `insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, answer)
      select 'new' || n, 'm7', 'failed', 'search', now() - n * interval '1 minute', now(), 1 from generate_series(1, 3) n`,
  );
  const verdict = (): Promise<unknown> => made.sql`
    select failure_streak, rated_runs_7d from monitor_health where monitor_id = 'm7'`;
  expect(await verdict()).toEqual([{ failure_streak: 0, rated_runs_7d: 3 }]);

  const wrong = await findWrongSummaries(made.database, 0.5);
  expect(wrong).toEqual(['m7']);
  await rebuildSummaries(made.database, wrong);
  expect(await verdict()).toEqual([{ failure_streak: 3, rated_runs_7d: 6 }]);
});

it('a change behind the newest run is noticed within as many looks as there are parts, and by a rebuild', async () => {
  const made = await arrange();
  await unnoticed(made, `update monitor_runs set status = 'failed' where id = 'r9-3'`);
  const seen = new Set<string>();
  for (let part = 0; part < 96; part += 1) {
    for (const id of await findWrongSummaries(made.database, part / 96)) seen.add(id);
  }
  expect([...seen]).toEqual(['m9']);
  expect(await rebuildAllSummaries(made.database)).toEqual({ monitors, rebuilt: 1 });
  expect(await rebuildAllSummaries(made.database)).toEqual({ monitors, rebuilt: 0 });
});

it('a run dated in the future is noticed when its day has come, and a look writes nothing', async () => {
  const made = await arrange();
  await made.sql`update monitor_run_summaries set due_on = (now() at time zone 'UTC')::date where monitor_id = 'm3'`;
  const before = await made.sql`select ctid, xmin from monitor_run_summaries order by monitor_id`;
  expect(await findWrongSummaries(made.database, 0.999_999)).toEqual(['m3']);
  expect(await made.sql`select ctid, xmin from monitor_run_summaries order by monitor_id`).toEqual(before);
});

it('a row that was deleted, or emptied tables, are noticed', async () => {
  const made = await arrange();
  await made.sql`delete from monitor_run_summaries where monitor_id = 'm5'`;
  await unnoticed(made, `delete from monitor_runs where monitor_id = 'm6'`);
  expect((await findWrongSummaries(made.database, 0)).toSorted()).toEqual(['m5', 'm6']);
  expect(await rebuildAllSummaries(made.database)).toEqual({ monitors, rebuilt: 2 });
  const [gone] = await made.sql`select last_run_id from monitor_run_summaries where monitor_id = 'm6'`;
  expect(gone).toEqual({ last_run_id: null });
});
