/** Removes data for good, which nothing else does: where somebody may ask for it, and after a mistake. */
import { sql, type SQL } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';

/** What is to be forgotten. */
export type ForgetWish =
  | { readonly by: 'monitor'; readonly ids: readonly string[] }
  | { readonly by: 'account'; readonly name: string }
  /** Monitors, and runs of others, that Exa has not had since before this instant (RFC 3339). */
  | { readonly by: 'absence'; readonly before: string };

/** What there is to forget. */
export interface Forgettable {
  readonly monitorIds: readonly string[];
  /** Of the monitors, those that Exa still had when it was last asked: a cycle would read them again. */
  readonly stillListed: number;
  /** Rows by table; tables without any are left out. */
  readonly rows: Readonly<Record<string, number>>;
}

/** Runs a statement: short transactions that hold nobody up. */
const batch = 2000;

/** Tables with a row or some for each monitor, the one that names it last: until then it is found again after a stop. */
const tablesOfMonitors = [
  'monitor_run_status_changes',
  'monitor_changes',
  'monitor_schedules',
  'missed_runs',
  'rejected_runs',
  'sync_checkpoints',
  'monitor_run_summaries',
  'monitors',
] as const;
const tablesOfRuns = ['monitor_run_outputs', 'monitor_run_results'] as const;

export function findForgettable(database: Database, wish: ForgetWish): Promise<Forgettable> {
  return database.transaction(
    async (tx) => {
      const monitors = await tx.execute<{ id: string; listed: boolean }>(monitorsOf(wish));
      const monitorIds = monitors.map(({ id }) => id);
      const runs = runsOf(wish, monitorIds);
      const counts = [
        sql`select 'monitor_runs' as name, count(*)::float8 as rows from (${runs}) gone`,
        ...tablesOfRuns.map(
          (name) =>
            sql`select ${name}, count(*)::float8 from ${sql.identifier(name)} where run_id in (${runs})`,
        ),
        ...tablesOfMonitors.map(
          (name) =>
            sql`select ${name}, count(*)::float8 from ${sql.identifier(name)} where ${isOf(name, monitorIds)}`,
        ),
      ];
      const rows = await tx.execute<{ name: string; rows: number }>(sql.join(counts, sql` union all `));
      return {
        monitorIds,
        stillListed: monitors.filter(({ listed }) => listed).length,
        rows: Object.fromEntries(
          rows.filter(({ rows: count }) => count > 0).map((row) => [row.name, row.rows]),
        ),
      };
    },
    { unlimited: true },
  );
}

/**
 * Deletes what `findForgettable` has found, in batches; what is derived follows with each. It may be ended between any two
 * and goes on when it is asked again. Whoever calls it holds the lock of the warehouse: a cycle under way would bring back
 * what it has in hand.
 */
export async function forget(
  database: Database,
  wish: ForgetWish,
  { monitorIds }: Forgettable,
  signal: AbortSignal,
): Promise<void> {
  // Oldest first: most of them change no summary.
  const some = sql`${runsOf(wish, monitorIds)} order by created_at limit ${batch}`;
  const gone = tablesOfRuns.map(
    (name) => sql`${sql.identifier(`gone_${name}`)} as (
      delete from ${sql.identifier(name)} where run_id in (select id from gone))`,
  );
  for (let deleted = batch; deleted === batch;) {
    signal.throwIfAborted();
    const [counted] = await database.transaction((tx) =>
      tx.execute<{ runs: number }>(sql`
        with gone as (delete from monitor_runs where id in (${some}) returning id),
          ${sql.join(gone, sql`, `)},
          gone_status_changes as (
            delete from monitor_run_status_changes where run_id in (select id from gone))
        select count(*)::int as runs from gone`),
    );
    deleted = counted?.runs ?? 0;
  }
  for (let from = 0; from < monitorIds.length; from += batch) {
    signal.throwIfAborted();
    const ids = monitorIds.slice(from, from + batch);
    await database.transaction(async (tx) => {
      for (const name of tablesOfMonitors)
        await tx.execute(sql`delete from ${sql.identifier(name)} where ${isOf(name, ids)}`);
    });
  }
  if (wish.by === 'account') await forgetAccount(database, wish.name);
}

/** The first source is what rows of an old version belong to: it stays, as if it had never been asked. */
function forgetAccount(database: Database, name: string): Promise<void> {
  return database.transaction(async (tx) => {
    const ofAccount = sql`source_id in (select id from sync_sources where account = ${name})`;
    await tx.execute(sql`delete from sync_cycle_sources where ${ofAccount}`);
    await tx.execute(sql`delete from sync_sources where account = ${name} and id <> 1`);
    await tx.execute(sql`
      update sync_sources
      set readable_at = null, asked_at = null, unavailable_since = null, unavailable_reason = null
      where account = ${name}`);
    await tx.execute(sql`delete from sync_accounts where name = ${name}`);
  });
}

function monitorsOf(wish: ForgetWish): SQL {
  switch (wish.by) {
    case 'monitor':
      return sql`
        select id, coalesce(bool_or(listed), false) as listed
        from (
          select id, absent_since is null as listed from monitors
          union all select monitor_id, null from sync_checkpoints
          union all select monitor_id, null from rejected_runs
          union all select monitor_id, null from monitor_run_summaries
        ) known
        where id in (${listOf(wish.ids)})
        group by id order by id`;
    case 'account':
      return sql`
        select monitors.id, absent_since is null as listed
        from monitors join sync_sources on sync_sources.id = source_id
        where account = ${wish.name} order by monitors.id`;
    case 'absence':
      return sql`
        select id, false as listed from monitors where absent_since < ${wish.before}::timestamptz order by id`;
  }
}

function runsOf(wish: ForgetWish, monitorIds: readonly string[]): SQL {
  const ofMonitors = sql`monitor_id in (${listOf(monitorIds)})`;
  return wish.by === 'absence'
    ? sql`select id from monitor_runs where (${ofMonitors} or absent_since < ${wish.before}::timestamptz)`
    : sql`select id from monitor_runs where ${ofMonitors}`;
}

function isOf(table: string, monitorIds: readonly string[]): SQL {
  return sql`${sql.identifier(table === 'monitors' ? 'id' : 'monitor_id')} in (${listOf(monitorIds)})`;
}

function listOf(ids: readonly string[]): SQL {
  return sql`select json_array_elements_text(${JSON.stringify(ids)}::json)`;
}
