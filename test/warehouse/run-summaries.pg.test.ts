import type postgres from 'postgres';
import { expect, it, vi } from 'vitest';
import { createTestDatabase } from '../postgres/database.ts';

async function insertRun(
  sql: postgres.Sql | postgres.TransactionSql,
  id: string,
  status: string,
  daysAgo: number,
): Promise<void> {
  await sql`insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, answer)
    values (${id}, 'm', ${status}, 'search', now() - ${daysAgo} * interval '24 hours', now(), 1)`;
}

it('of two writers of one monitor at once, the second counts what the first has written', async () => {
  const { sql } = await createTestDatabase();
  await insertRun(sql, 'base', 'completed', 10);
  let second: Promise<unknown> = Promise.resolve();
  await sql.begin(async (tx) => {
    await insertRun(tx, 'first', 'failed', 3);
    second = sql.begin((other) => insertRun(other, 'second', 'failed', 2));
    await vi.waitFor(async () => {
      const waiting = await sql`
        select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      expect(waiting).toHaveLength(1);
    });
  });
  await second;
  const [summary] =
    await sql`select last_run_id, failure_streak, failed_within[10] as failed, completed_within[10] as completed
    from monitor_run_summaries`;
  expect(summary).toEqual({ last_run_id: 'second', failure_streak: 2, failed: 2, completed: 1 });
});

it('follows corrections by hand: another monitor, a deleted run, an emptied table', async () => {
  const { sql } = await createTestDatabase();
  await insertRun(sql, 'a', 'completed', 200);
  await insertRun(sql, 'b', 'failed', 150);
  const streaks = (): Promise<postgres.RowList<postgres.Row[]>> =>
    sql`select monitor_id, last_run_id, failure_streak from monitor_run_summaries order by monitor_id`;
  expect(await streaks()).toEqual([{ monitor_id: 'm', last_run_id: 'b', failure_streak: 1 }]);
  await sql`update monitor_runs set monitor_id = 'n' where id = 'b'`;
  expect(await streaks()).toEqual([
    { monitor_id: 'm', last_run_id: 'a', failure_streak: 0 },
    { monitor_id: 'n', last_run_id: 'b', failure_streak: 1 },
  ]);
  await sql`delete from monitor_runs where id = 'b'`;
  expect(await streaks()).toEqual([
    { monitor_id: 'm', last_run_id: 'a', failure_streak: 0 },
    { monitor_id: 'n', last_run_id: null, failure_streak: 0 },
  ]);
  await sql`truncate monitor_runs`;
  expect(await streaks()).toEqual([]);
});

it('is not written when the runs change in nothing that it says', async () => {
  const { sql } = await createTestDatabase();
  await insertRun(sql, 'a', 'completed', 1);
  const [before] = await sql`select ctid from monitor_run_summaries`;
  await sql`update monitor_runs set status = 'failed' where false`;
  await sql`update monitor_runs set changed_at = now()`;
  const [after] = await sql`select ctid from monitor_run_summaries`;
  expect(after?.['ctid']).toEqual(before?.['ctid']);
});
