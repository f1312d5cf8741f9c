/** A small warehouse whose every answer can be worked out by hand, at a fixed time: Wednesday, 2026-03-18, noon UTC. */
import postgres, { type Sql } from 'postgres';
import { onTestFinished } from 'vitest';
import { readMigrations } from '../../src/warehouse/upkeep/migration-files.ts';
import { createTestDatabase } from '../postgres/database.ts';

const now = '2026-03-18T12:00:00Z';

/**
 * A warehouse whose views take `now` for now(). `now()` is looked up when a view is made; with pg_catalog last on the
 * path it is ours that is found.
 */
export async function createFrozenWarehouse(): Promise<Sql> {
  const { url } = await createTestDatabase('empty');
  const path = { search_path: 'public, pg_catalog', TimeZone: 'UTC' };
  const sql = postgres(url, { max: 1, onnotice: () => undefined, connection: path });
  onTestFinished(() => sql.end());
  await sql.unsafe(
    `create function public.now() returns timestamptz language sql stable as $$ select '${now}'::timestamptz $$`,
  );
  for (const { statements } of readMigrations()) {
    for (const statement of statements) await sql.unsafe(statement.replaceAll(':"schema"', 'public'));
  }
  return sql;
}

const hourMs = 3_600_000;
const at = (day: string, hour: number): Date => new Date(Date.parse(`${day}T00:00:00Z`) + hour * hourMs);

interface MonitorDraft {
  readonly id: string;
  readonly webset: string;
  readonly team: string;
  readonly name?: string;
  readonly query?: string;
  readonly status?: string;
  /** Cron and time zone. */
  readonly cadence?: readonly [string, string];
  readonly nextRunAt?: Date;
  readonly absentSince?: Date;
  readonly syncedAt?: Date;
}

const monitors: readonly MonitorDraft[] = [
  { id: 'daily', name: 'Daily jobs', webset: 'jobs', team: 'growth', nextRunAt: at('2026-03-19', 6) },
  { id: 'flaky', webset: 'jobs', team: 'growth', query: 'new jobs', nextRunAt: at('2026-03-19', 7) },
  {
    id: 'broken',
    webset: 'news',
    team: 'sales',
    // 07:55 in UTC since 8 March, from Sundays to Wednesdays.
    cadence: ['55 3 * * 7,1,2,3', 'America/New_York'],
    nextRunAt: at('2026-03-18', 8),
  },
  { id: 'gone', webset: 'news', team: 'sales', absentSince: at('2026-03-16', 0) },
  // An outage of three, which have been disabled since.
  ...['out-1', 'out-2', 'out-3'].map((id) => ({ id, webset: 'old', team: 'ops', status: 'disabled' })),
  { id: 'unread', webset: 'news', team: 'sales', syncedAt: at('2026-03-18', 11) },
];

interface RunDraft {
  readonly monitor: string;
  readonly day: string;
  readonly hour: number;
  readonly status: string;
  readonly seconds?: number;
  readonly reason?: string;
  readonly queueSeconds?: number;
  readonly absentSince?: Date;
  readonly changedAt?: Date;
}

/** One run a day at an hour, a letter each: Completed, Failed, Missing. */
function daily(
  monitor: string,
  firstDay: string,
  hour: number,
  letters: string,
  seconds: number,
): RunDraft[] {
  return [...letters.matchAll(/[CFM]/g)].flatMap(([letter], index) => {
    if (letter === 'M') return [];
    const day = new Date(Date.parse(firstDay) + index * 24 * hourMs).toISOString().slice(0, 10);
    const failure = { status: 'failed', reason: `Timeout after ${index}000 ms` };
    return [{ monitor, day, hour, seconds, ...(letter === 'C' ? { status: 'completed' } : failure) }];
  });
}

const runs: readonly RunDraft[] = [
  // From Monday, 9 March, to Wednesday, 18 March; the 12th is missing.
  ...daily('daily', '2026-03-09', 6, 'CCCMCCCCC', 60),
  { monitor: 'daily', day: '2026-03-18', hour: 6, status: 'completed', seconds: 600, queueSeconds: 45 },
  ...daily('flaky', '2026-03-09', 7, 'CFCFCCFCFC', 100),
  ...daily('broken', '2026-03-15', 8, 'CF', 30),
  {
    monitor: 'broken',
    day: '2026-03-17',
    hour: 8,
    status: 'failed',
    seconds: 30,
    reason: 'Quota of "acme" used up',
    changedAt: at('2026-03-18', 9),
  },
  { monitor: 'broken', day: '2026-03-16', hour: 20, status: 'running' },
  {
    monitor: 'gone',
    day: '2026-03-10',
    hour: 1,
    status: 'completed',
    seconds: 10,
    absentSince: at('2026-03-15', 0),
  },
  ...['out-1', 'out-2', 'out-3'].map((monitor) => ({
    monitor,
    day: '2026-02-20',
    hour: 8,
    status: 'failed',
    seconds: 5,
    reason: `Upstream error 503 (request ${monitor}-4711)`,
  })),
];

export async function fillWarehouse(sql: Sql): Promise<void> {
  for (const {
    id,
    webset,
    team,
    name,
    query,
    status = 'enabled',
    nextRunAt,
    absentSince,
    syncedAt,
    cadence,
  } of monitors) {
    const [cron, zone] = cadence ?? ['0 6 * * *', 'Etc/UTC'];
    const created = at('2026-03-01', 0);
    await sql`insert into monitors (id, name, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata,
        next_run_at, created_at, updated_at, absent_since, first_synced_at)
      values (${id}, ${name ?? null}, ${webset}, ${status}, ${cron}, ${zone},
        ${sql.json(query === undefined ? {} : { type: 'search', config: { query } })}, ${sql.json({ team })},
        ${nextRunAt ?? null}, ${created}, ${created}, ${absentSince ?? null}, ${syncedAt ?? created})`;
  }
  for (const run of runs) await storeRun(sql, run);
  await storeSearchMonitor(sql);
  await storeDueTimes(sql);
  await storeChanges(sql);
  await sql`insert into sync_checkpoints (monitor_id, synced_through, last_walk_at, last_full_walk_at)
    select id, ${at('2026-03-18', 7)}, ${at('2026-03-18', 8)}, ${at('2026-03-16', 0)} from monitors where id <> 'unread'`;
  for (const [id, startedAt, status, seen, requests, inserted, error] of [
    [1, at('2026-03-17', 10), 'succeeded', 7, 12, 5, null],
    [2, at('2026-03-18', 10), 'succeeded', 7, 7, 2, null],
    [3, at('2026-03-18', 11), 'failed', 0, 3, 0, 'the API answered 503'],
  ] as const) {
    await sql`insert into sync_cycles (id, started_at, finished_at, status, trigger, host, pid, monitors_seen, requests,
        runs_inserted, error)
      values (${id}, ${startedAt}, ${new Date(startedAt.getTime() + hourMs / 60)}, ${status}, 'schedule', 'h', 1, ${seen},
        ${requests}, ${inserted}, ${error})`;
  }
}

async function storeRun(sql: Sql, run: RunDraft): Promise<void> {
  const { monitor, status, reason, seconds, queueSeconds, absentSince, changedAt } = run;
  const id = `${monitor}-${run.day.slice(8)}${run.hour === 20 ? '-evening' : ''}`;
  const created = at(run.day, run.hour);
  const finished = seconds === undefined ? null : new Date(created.getTime() + seconds * 1000);
  await sql`insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, completed_at, failed_at,
      failed_reason, absent_since, first_synced_at, changed_at, answer)
    values (${id}, ${monitor}, ${status}, 'search', ${created}, ${finished ?? created},
      ${status === 'completed' ? finished : null}, ${status === 'failed' ? finished : null}, ${reason ?? null},
      ${absentSince ?? null}, ${created}, ${changedAt ?? finished ?? created}, 1)`;
  if (queueSeconds === undefined) return;
  await sql`insert into monitor_run_status_changes (run_id, monitor_id, from_status, to_status, changed_at, answer)
    values (${id}, ${monitor}, 'created', 'running', ${new Date(created.getTime() + queueSeconds * 1000)}, 1)`;
}

/** One of another account, by the other API: silent since its only run, which found two pages; its next run is due. */
async function storeSearchMonitor(sql: Sql): Promise<void> {
  const created = at('2026-03-10', 0);
  await sql`insert into sync_sources (id, account, api) values (2, 'eu', 'search')`;
  await sql`insert into monitors (id, name, status, trigger, behavior, metadata, created_at, updated_at, first_synced_at,
      source_id)
    values ('quiet', 'Quiet one', 'active', '{"type": "interval", "period": "1d"}', '{"query": "funding"}', '{}', ${created},
      ${created}, ${created}, 2)`;
  await sql`insert into monitor_schedules (monitor_id, schedule_key, known_since, longest_gap_seconds)
    values ('quiet', 'any', ${created}, 86400)`;
  for (const [id, day, results] of [
    ['quiet-10', '2026-03-10', 2],
    ['quiet-11', '2026-03-11', 0],
  ] as const) {
    await sql`insert into monitor_runs (id, monitor_id, status, created_at, updated_at, completed_at, first_synced_at,
        changed_at, answer, source_id)
      values (${id}, 'quiet', 'completed', ${at(day, 1)}, ${at(day, 1)}, ${at(day, 1)}, ${at(day, 1)}, ${at(day, 1)}, 1, 2)`;
    await sql`insert into monitor_run_outputs (run_id, results, answer) values (${id}, ${results}, 1)`;
  }
}

async function storeDueTimes(sql: Sql): Promise<void> {
  for (const [monitor, due, late] of [
    ['daily', at('2026-03-12', 6), null],
    ['broken', at('2026-03-18', 7.5), null],
    // Long ago, and on a Friday.
    ['broken', at('2026-02-20', 7.5), null],
    ['flaky', at('2026-03-14', 5), 'flaky-14'],
  ] as const) {
    await sql`insert into missed_runs (monitor_id, due_at, next_due_at, in_time_until, noticed_at, late_run_id,
        late_by_seconds)
      values (${monitor}, ${due}, ${due}, ${due}, ${due}, ${late}, ${late === null ? null : 2 * 3600})`;
  }
}

async function storeChanges(sql: Sql): Promise<void> {
  for (const [monitor, field, before, after, changed] of [
    [
      'flaky',
      'behavior',
      { type: 'search', config: { query: 'jobs' } },
      { config: { query: 'new jobs' } },
      at('2026-03-14', 12),
    ],
    ['broken', 'cadence_cron', '0 8 * * *', '55 3 * * 7,1,2,3', at('2026-03-16', 7)],
  ] as const) {
    await sql`insert into monitor_changes (monitor_id, field, value_before, value_after, changed_at, seen_at)
      values (${monitor}, ${field}, ${sql.json(before)}, ${sql.json(after)}, ${changed}, ${changed})`;
  }
}
