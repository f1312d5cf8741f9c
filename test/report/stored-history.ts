/** Puts monitors, runs and the sync's own records into a warehouse. Days count back from today in UTC. */
import type postgres from 'postgres';

export interface StoredRun {
  readonly monitorId: string;
  readonly daysAgo: number;
  readonly status: string;
  readonly durationSeconds?: number;
  readonly failedReason?: string;
}

export interface StoredMonitor {
  readonly id: string;
  readonly websetId: string;
  readonly query?: string;
  /** Null: never read. Default 0. */
  readonly coveredDaysAgo?: number | null;
  readonly lastError?: string;
  readonly isAbsent?: boolean;
}

export async function storeMonitors(sql: postgres.Sql, monitors: readonly StoredMonitor[]): Promise<void> {
  for (const { id, websetId, query, coveredDaysAgo = 0, lastError, isAbsent } of monitors) {
    const behavior = query === undefined ? {} : { type: 'search', config: { query } };
    await sql`
      insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, created_at,
        updated_at, first_synced_at, absent_since)
      values (${id}, ${websetId}, 'enabled', '0 6 * * *', 'Etc/UTC', ${JSON.stringify(behavior)}::text::jsonb, '{}',
        now() - interval '90 days', now() - interval '90 days', now() - interval '90 days',
        ${isAbsent === true ? sql`now()` : null})`;
    const covered =
      coveredDaysAgo === null ? null : sql`now() - make_interval(days => ${coveredDaysAgo}::integer)`;
    await sql`
      insert into sync_checkpoints (monitor_id, synced_through, last_walk_at, consecutive_failures, last_error)
      values (${id}, ${covered}, ${covered}, ${lastError === undefined ? 0 : 2}, ${lastError ?? null})`;
  }
}

/** Each run begins at noon of its day, or, today, at the day's first instant, and lasts a minute unless said otherwise. */
export async function storeRuns(sql: postgres.Sql, runs: readonly StoredRun[]): Promise<void> {
  const rows = runs.map((run, index) => ({ ...run, id: `run_${index}` }));
  await sql`
    with given as (
      select id, "monitorId" as monitor_id, status, "failedReason" as failed_reason,
        make_interval(secs => coalesce("durationSeconds", 60)) as duration,
        (utc_day(now()) - "daysAgo") + case when "daysAgo" = 0 then time '00:00' else time '12:00' end as wall
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as row (
        id text, "monitorId" text, status text, "failedReason" text, "durationSeconds" double precision, "daysAgo" integer)
    ), timed as (select *, wall at time zone 'UTC' as created_at from given)
    insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, completed_at, failed_at,
      failed_reason, canceled_at, answer)
    select id, monitor_id, status, 'search', created_at, created_at,
      case when status = 'completed' then created_at + duration end,
      case when status = 'failed' then created_at + duration end, failed_reason,
      case when status = 'canceled' then created_at + duration end, 1
    from timed`;
}

export async function storeCycle(
  sql: postgres.Sql,
  status: string,
  error: string | null = null,
): Promise<void> {
  await sql`
    insert into sync_cycles (started_at, finished_at, status, trigger, host, pid, error)
    values (now() - interval '2 minutes', ${status === 'running' ? null : sql`now() - interval '1 minute'`}, ${status},
      'manual', 'host', 1, ${error})`;
}

/** Many monitors with a run on each of some days, every hundredth of them failed; all read up to now. */
export async function storeManyMonitors(sql: postgres.Sql, monitors: number, days: number): Promise<void> {
  await sql`
    insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, created_at,
      updated_at, first_synced_at)
    select 'monitor_' || n, 'webset_' || n % 100, 'enabled', '0 6 * * *', 'Etc/UTC', '{}', '{}',
      now() - interval '90 days', now(), now() - interval '90 days'
    from generate_series(1, ${monitors}::integer) n`;
  await sql`
    insert into sync_checkpoints (monitor_id, synced_through, last_walk_at) select id, now(), now() from monitors`;
  await sql`
    insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, completed_at, failed_at, failed_reason,
      answer)
    select 'run_' || n || '_' || day, 'monitor_' || n, case when failed then 'failed' else 'completed' end, 'search',
      created_at, created_at, case when not failed then created_at + interval '1 minute' end,
      case when failed then created_at + interval '1 minute' end,
      case when failed then 'Search timed out after ' || n || ' seconds' end, 1
    from generate_series(1, ${monitors}::integer) n, generate_series(1, ${days}::integer) day,
      lateral (select (n + day) % 100 = 0 as failed, now() - make_interval(days => day) as created_at) run`;
}
