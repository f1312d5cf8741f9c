import postgres from 'postgres';

const writersAtOnce = 4;

export interface HistorySize {
  readonly monitors: number;
  /** One a day, up to today. */
  readonly runsPerMonitor: number;
}

/**
 * Fills an empty warehouse straight in Postgres, with pseudo-random but always the same outcomes: 1 % canceled, 3 %
 * failed, of every twentieth monitor 30 %, some of the newest still running; one due time in 500 missed, and two changes of
 * each monitor. It grows as in life: a day of all monitors after the other, each run at an instant of its own, written by several at once as by the sync, indexes in
 * place, and autovacuum as the migrations set it, with nothing done by hand. Only the summaries are computed in the end,
 * since they are no part of the runs, and the commits of the past wait for no disk.
 */
export async function generateHistory(
  sql: postgres.Sql,
  /** Of the same database. */
  url: string,
  { monitors, runsPerMonitor }: HistorySize,
  tell: (message: string) => void,
): Promise<void> {
  await sql`set synchronous_commit = off`;
  await sql.unsafe(monitorsStatement, [monitors, runsPerMonitor]);
  await sql`alter table monitor_runs disable trigger user`;
  const writers = Array.from({ length: writersAtOnce }, () => postgres(url, { max: 1 }));
  await Promise.all(writers.map((writer) => writer`set synchronous_commit = off`));
  for (let age = runsPerMonitor - 1; age >= 0; age -= 1) {
    await Promise.all(
      writers.map((writer, slice) =>
        writer.unsafe(runsOfDayStatement, [monitors, age, slice, writersAtOnce]),
      ),
    );
    if (age % 50 === 0) tell(`   ${age} days to go`);
  }
  await Promise.all(writers.map((writer) => writer.end()));
  await sql`alter table monitor_runs enable trigger user`;
  await sql`select refresh_monitor_run_summaries(array(select id from monitors order by id))`;
  await sql.unsafe(watchedStatements);
  await sql.unsafe(checkpointsStatement);
  await sql`reset synchronous_commit`;
}

const monitorsStatement = `
  insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, next_run_at,
    created_at, updated_at, first_synced_at, changed_at)
  select 'monitor_' || left(md5('m' || m), 24), 'webset_' || left(md5('w' || m % 2000), 24),
    case when m % 50 = 0 then 'disabled' else 'enabled' end, format('%s %s * * *', m % 60, m % 24), 'Etc/UTC',
    '{"type": "search", "config": {"query": "companies that raised a series A this month", "count": 25}}',
    jsonb_build_object('team', 'team-' || m % 20),
    date_trunc('day', now()) + interval '1 day' + make_interval(hours => m % 24, mins => m % 60),
    now() - make_interval(days => $2 + 1), now(), now() - interval '30 days', now() - interval '1 day'
  from generate_series(1, $1::integer) m`;

const runsOfDayStatement = `
  insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, completed_at, failed_at, failed_reason,
    canceled_at, first_synced_at, changed_at, answer)
  select 'run_' || left(md5(m || 'r' || n), 24), 'monitor_' || left(md5('m' || m), 24), status, 'search',
    created_at, created_at + duration,
    case status when 'completed' then created_at + duration end,
    case status when 'failed' then created_at + duration end,
    case when status <> 'failed' then null else (array[
      format('Timeout after %s ms while fetching https://example.com/search?q=%s', 30000 + n, md5(m::text || n)),
      format('Upstream error 503 (request req_%s)', left(md5(n || 'x' || m), 20)),
      format('Webset webset_%s has reached its limit of %s items', left(md5('w' || m % 2000), 24), 100 * (m % 9)),
      format('Query "%s" was rejected', left(md5(m::text), 6)),
      'Internal error'
    ])[1 + (kind * 5)::integer % 5] end,
    case status when 'canceled' then created_at + duration end,
    least(now(), created_at + duration + interval '5 minutes'), least(now(), created_at + duration + interval '5 minutes'), 1
  from generate_series(1 + $3::integer, $1::integer, $4::integer) m
  cross join (select $2::integer as n) day
  cross join lateral (
    select
      date_trunc('day', now()) - make_interval(days => n) + make_interval(hours => m % 24, mins => m % 60)
        + (hashtextextended(m || ':' || n, 3) & 33554431) * interval '1 microsecond' as created_at,
      (hashtextextended(m || ':' || n, 1) & 2147483647) / 2147483648.0 as chance,
      (hashtextextended(m || ':' || n, 2) & 2147483647) / 2147483648.0 as kind
  ) drawn
  cross join lateral (
    select make_interval(secs => 20 + 200 * kind * kind + m % 60) as duration,
      case
        when n = 0 and chance > 0.7 then 'running'
        when chance < 0.01 then 'canceled'
        when chance < 0.04 or (m % 20 = 0 and chance < 0.31) then 'failed'
        else 'completed'
      end as status
  ) outcome
  order by created_at`;

/** What is watched of the monitors. */
const watchedStatements = `
  insert into monitor_schedules (monitor_id, schedule_key, known_since, longest_gap_seconds, next_due_at)
  select id, 'generated', created_at, 86400, next_run_at from monitors;
  insert into missed_runs (monitor_id, due_at, next_due_at, in_time_until, noticed_at)
  select monitors.id, due_at, due_at + interval '1 day', due_at + interval '1 hour', due_at + interval '75 minutes'
  from monitors
  cross join lateral (
    select next_run_at - age * interval '1 day' as due_at
    from generate_series(1, extract(day from now() - created_at)::integer - 1) as age
    where hashtextextended(id || age, 4) % 500 = 0
  ) due;
  insert into monitor_changes (monitor_id, field, value_before, value_after, changed_at, seen_at)
  select id, field, '{"config": {"query": "an earlier query"}}', behavior, changed.changed_at, changed.changed_at
  from monitors
  cross join lateral (
    select 'behavior' as field, now() - (hashtextextended(id, age) & 1023) * interval '6 hours' as changed_at
    from generate_series(1, 2) as age
  ) changed`;

const checkpointsStatement = `
  insert into sync_checkpoints (monitor_id, synced_through, last_full_walk_at, last_walk_at, last_walk_kind, stop_reason)
  select id, now() - interval '5 hours', now() - interval '3 days', now() - interval '1 hour', 'incremental', 'covered_ground'
  from monitors;
  insert into sync_cycles (started_at, finished_at, status, trigger, host, pid, monitors_seen)
  select now() - n * interval '15 minutes', now() - n * interval '15 minutes' + interval '1 minute', 'succeeded', 'schedule',
    'bench', 1, (select count(*) from monitors)
  from generate_series(8000, 1, -1) n`;
