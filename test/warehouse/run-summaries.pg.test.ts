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

it('reads the summaries of the monitors of a page only, also over a connection that began with an empty table', async () => {
  const { sql } = await createTestDatabase();
  const connection = await sql.reserve();
  // Plans are cached after some executions.
  for (let day = 10; day > 0; day -= 1) await insertRun(connection, `early ${day}`, 'completed', day);
  await connection`insert into monitor_run_summaries (monitor_id) select 'other ' || n from generate_series(1, 2000) n`;
  const readSoFar = async (): Promise<number> => {
    const [row] = await connection<{ rows: number }[]>`
      select (seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_xact_user_tables
      where relname = 'monitor_run_summaries'`;
    return row?.rows ?? 0;
  };
  await connection`begin`;
  const before = await readSoFar();
  await insertRun(connection, 'late', 'completed', 0);
  const read = (await readSoFar()) - before;
  await connection`commit`;
  connection.release();
  expect(read).toBeLessThan(20);
});

it.each(['completed', 'failed', 'running'])(
  'a run dated in the future (%s) counts for itself only, and only once its day has come',
  async (status) => {
    const { sql } = await createTestDatabase();
    await sql`insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, created_at, updated_at)
      values ('m', 'w', 'enabled', '0 0 * * *', 'UTC', '{}', '{}', now(), now())`;
    await insertRun(sql, 'good', 'completed', 3);
    for (const day of [2, 1, 0]) await insertRun(sql, `bad ${day}`, 'failed', day);
    const health = (): Promise<postgres.RowList<postgres.Row[]>> => sql`
      select last_run_id, failure_streak, rated_runs_7d, failure_rate_30d, failure_rate_90d from monitor_health`;
    const before = await health();
    expect(before).toMatchObject([{ last_run_id: 'bad 0', failure_streak: 3, rated_runs_7d: 4 }]);

    await insertRun(sql, 'later', status, -200);
    await insertRun(sql, 'much later', status, -40_000);
    expect(await health()).toEqual(before);
    const [summary] =
      await sql`select due_on - (now() at time zone 'UTC')::date as days from monitor_run_summaries`;
    expect(summary).toEqual({ days: 199 });
  },
);
