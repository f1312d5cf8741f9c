import type postgres from 'postgres';

export interface HistorySize {
  readonly monitors: number;
  /** One a day, up to today. */
  readonly runsPerMonitor: number;
}

const monitorsAtOnce = 250;

/**
 * Fills an empty warehouse straight in Postgres, with pseudo-random but always the same outcomes: 1 % canceled, 3 %
 * failed, of every twentieth monitor 30 %, some of the newest still running. The table lies on disk as a first sync leaves
 * it, monitor by monitor and newest first, which is the hardest for questions about a span of time; the last day follows
 * by itself. Indexes are made afterwards.
 */
export async function generateHistory(
  sql: postgres.Sql,
  { monitors, runsPerMonitor }: HistorySize,
  tell: (message: string) => void,
): Promise<void> {
  await sql.unsafe(monitorsStatement, [monitors, runsPerMonitor]);
  await withoutIndexes(sql, async () => {
    for (let from = 1; from <= monitors; from += monitorsAtOnce) {
      const to = Math.min(from + monitorsAtOnce - 1, monitors);
      await sql.unsafe(runsStatement, [from, to, 1, runsPerMonitor - 1, '30 days']);
      if (to % 1000 === 0) tell(`   ${to} monitors`);
    }
    await sql.unsafe(runsStatement, [1, monitors, 0, 0, '1 hour']);
  });
  await sql`select refresh_monitor_run_summaries(array(select id from monitors))`;
  await sql.unsafe(checkpointsStatement);
  await sql.unsafe('vacuum analyze');
}

async function withoutIndexes(sql: postgres.Sql, work: () => Promise<void>): Promise<void> {
  const indexes = await sql<{ name: string; definition: string }[]>`
    select indexname as name, indexdef as definition from pg_indexes
    where tablename = 'monitor_runs' and indexname <> 'monitor_runs_pkey'`;
  for (const { name } of indexes) await sql`drop index ${sql(name)}`;
  await sql`alter table monitor_runs drop constraint monitor_runs_pkey`;
  await sql`alter table monitor_runs disable trigger user`;
  await work();
  await sql`set maintenance_work_mem = '512MB'`;
  await sql`alter table monitor_runs enable trigger user`;
  await sql`alter table monitor_runs add primary key (id)`;
  for (const { definition } of indexes) await sql.unsafe(definition);
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

const runsStatement = `
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
    now() - $5::interval, now() - $5::interval, 1
  from generate_series($1::integer, $2::integer) m
  cross join lateral (
    select n,
      date_trunc('day', now()) - make_interval(days => n) + make_interval(hours => m % 24, mins => m % 60) as created_at,
      (hashtextextended(m || ':' || n, 1) & 2147483647) / 2147483648.0 as chance,
      (hashtextextended(m || ':' || n, 2) & 2147483647) / 2147483648.0 as kind
    from generate_series($3::integer, $4::integer) n
    order by n
  ) drawn
  cross join lateral (
    select make_interval(secs => 20 + 200 * kind * kind + m % 60) as duration,
      case
        when n = 0 and chance > 0.7 then 'running'
        when chance < 0.01 then 'canceled'
        when chance < 0.04 or (m % 20 = 0 and chance < 0.31) then 'failed'
        else 'completed'
      end as status
  ) outcome`;

const checkpointsStatement = `
  insert into sync_checkpoints (monitor_id, synced_through, last_full_walk_at, last_walk_at, last_walk_kind, stop_reason)
  select id, now() - interval '5 hours', now() - interval '3 days', now() - interval '1 hour', 'incremental', 'covered_ground'
  from monitors;
  insert into sync_cycles (started_at, finished_at, status, trigger, host, pid, monitors_seen)
  select now() - n * interval '15 minutes', now() - n * interval '15 minutes' + interval '1 minute', 'succeeded', 'schedule',
    'bench', 1, (select count(*) from monitors)
  from generate_series(8000, 1, -1) n`;
