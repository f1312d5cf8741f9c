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
  readonly status?: string;
  /** Cron and time zone. */
  readonly cadence?: readonly [string, string];
  readonly nextRunAt?: Date;
  readonly absentSince?: Date;
  readonly syncedAt?: Date;
}

const monitors: readonly MonitorDraft[] = [
  { id: 'daily', webset: 'jobs', team: 'growth', nextRunAt: at('2026-03-19', 6) },
  { id: 'flaky', webset: 'jobs', team: 'growth', nextRunAt: at('2026-03-19', 7) },
  {
    id: 'broken',
    webset: 'news',
    team: 'sales',
    // 07:55 in UTC since 8 March, from Sundays to Wednesdays.
    cadence: ['55 3 * * 7,1,2,3', 'America/New_York'],
    nextRunAt: at('2026-03-18', 8),
  },
  { id: 'gone', webset: 'news', team: 'sales', absentSince: at('2026-03-16', 0) },
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
];

export async function fillWarehouse(sql: Sql): Promise<void> {
  for (const {
    id,
    webset,
    team,
    status = 'enabled',
    nextRunAt,
    absentSince,
    syncedAt,
    cadence,
  } of monitors) {
    const [cron, zone] = cadence ?? ['0 6 * * *', 'Etc/UTC'];
    const created = at('2026-03-01', 0);
    await sql`insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata,
        next_run_at, created_at, updated_at, absent_since, first_synced_at)
      values (${id}, ${webset}, ${status}, ${cron}, ${zone}, '{}', ${sql.json({ team })},
        ${nextRunAt ?? null}, ${created}, ${created}, ${absentSince ?? null}, ${syncedAt ?? created})`;
  }
  for (const run of runs) await storeRun(sql, run);
  await sql`insert into sync_checkpoints (monitor_id, synced_through, last_walk_at, last_full_walk_at)
    select id, ${at('2026-03-18', 7)}, ${at('2026-03-18', 8)}, ${at('2026-03-16', 0)} from monitors where id <> 'unread'`;
  for (const [id, startedAt, status, seen, requests, inserted, error] of [
    [1, at('2026-03-17', 10), 'succeeded', 3, 12, 5, null],
    [2, at('2026-03-18', 10), 'succeeded', 3, 7, 2, null],
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
