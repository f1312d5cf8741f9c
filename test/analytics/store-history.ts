import type { TransactionSql } from 'postgres';
import type { History, RunRow } from './random-history.ts';

/** How the rows of a history come into the tables: the outcome must not depend on it. */
export interface Arrival {
  /** Minutes east of UTC in which instants are written. */
  readonly offsets: readonly number[];
  /** Runs of one statement. */
  readonly chunk: number;
  /** Every so many runs, one is stored as created first and updated later. */
  readonly updatedEvery: number;
  /** Every so many runs, one has a twin that is stored and deleted again. */
  readonly deletedEvery: number;
}

/** An instant of microseconds as RFC 3339 text in an offset of minutes. */
function instantText(us: number, offsetMinutes: number): string {
  const shifted = us + offsetMinutes * 60_000_000;
  const wall = new Date(Math.floor(shifted / 1_000_000) * 1000).toISOString().slice(0, 19);
  const offset = new Date(Math.abs(offsetMinutes) * 60_000).toISOString().slice(11, 16);
  return `${wall}.${String(shifted % 1_000_000).padStart(6, '0')}${offsetMinutes < 0 ? '-' : '+'}${offset}`;
}

type Texts = (us: number | null) => string | null;

function createTexts(offsets: readonly number[]): Texts {
  let next = 0;
  return (us) => {
    next += 1;
    return us === null ? null : instantText(us, offsets[next % offsets.length] ?? 0);
  };
}

export async function storeHistory(sql: TransactionSql, history: History, arrival: Arrival): Promise<void> {
  const text = createTexts(arrival.offsets);
  await sql`insert into sync_sources (id, account, api) values (2, 'eu', 'search')`;
  await storeMonitors(sql, history, text);
  await storeRuns(sql, history, arrival, text);
  const changes = history.statusChanges.map(({ runId, toStatus, changedAt, answer }) => ({
    run_id: runId,
    monitor_id: 'any',
    to_status: toStatus,
    changed_at: text(changedAt),
    seen_at: text(changedAt),
    answer,
  }));
  await insertRows(sql, 'monitor_run_status_changes', changes);
  const cycles = history.cycles.map((cycle, index) => ({
    id: index + 1,
    started_at: text(cycle.startedAt),
    finished_at: text(cycle.finishedAt),
    status: cycle.status,
    trigger: 'manual',
    host: 'host',
    pid: 1,
    monitors_seen: cycle.monitorsSeen,
    asks_for_all: cycle.asksForAll,
    error: cycle.error,
  }));
  await insertRows(sql, 'sync_cycles', cycles);
  const rejected = history.rejected.map(({ monitorId, runKey }) => ({
    monitor_id: monitorId,
    run_key: runKey,
    reason: 'bad',
    payload: {},
  }));
  await insertRows(sql, 'rejected_runs', rejected);
}

async function storeMonitors(sql: TransactionSql, history: History, text: Texts): Promise<void> {
  const monitors = history.monitors.map((monitor) => ({
    id: monitor.id,
    webset_id: monitor.websetId,
    status: monitor.status,
    cadence_cron: monitor.cadenceCron,
    cadence_timezone: monitor.cadenceTimezone,
    behavior: monitor.behavior,
    name: monitor.name,
    source_id: monitor.sourceId,
    metadata: monitor.metadata,
    next_run_at: text(monitor.nextRunAt),
    created_at: text(monitor.firstSyncedAt),
    updated_at: text(monitor.firstSyncedAt),
    absent_since: text(monitor.absentSince),
    first_synced_at: text(monitor.firstSyncedAt),
  }));
  await insertRows(sql, 'monitors', monitors);
  const schedules = history.monitors.map(({ id, longestGapDays }) => ({
    monitor_id: id,
    schedule_key: 'any',
    known_since: 'epoch',
    longest_gap_seconds: longestGapDays === null ? null : longestGapDays * 86_400,
  }));
  await insertRows(sql, 'monitor_schedules', schedules);
  const missed = history.monitors.flatMap(({ id, missed: times }) =>
    times.map(({ dueAt, lateBySeconds }) => ({
      monitor_id: id,
      late_run_id: lateBySeconds === null ? null : `late-${id}`,
      late_by_seconds: lateBySeconds,
      due_at: text(dueAt),
      next_due_at: text(dueAt),
      in_time_until: text(dueAt),
      noticed_at: text(dueAt),
    })),
  );
  await insertRows(sql, 'missed_runs', missed);
  const changes = history.changes.map(({ monitorId, field, valueBefore, changedAt, seenAt }) => ({
    monitor_id: monitorId,
    field,
    value_before: valueBefore,
    changed_at: text(changedAt),
    seen_at: text(seenAt),
  }));
  await insertRows(sql, 'monitor_changes', changes);
  const checkpoints = history.checkpoints.map((row) => ({
    monitor_id: row.monitorId,
    synced_through: text(row.syncedThrough),
    last_walk_at: text(row.lastWalkAt),
    last_full_walk_at: text(row.lastFullWalkAt),
    unfinished_walk: row.walkStartedAt === null ? null : { startedAt: text(row.walkStartedAt) },
    consecutive_failures: row.consecutiveFailures,
    last_error: row.lastError,
    last_error_at: text(row.lastErrorAt),
  }));
  await insertRows(sql, 'sync_checkpoints', checkpoints);
}

async function storeRuns(
  sql: TransactionSql,
  { runs, monitors }: History,
  { chunk, updatedEvery, deletedEvery }: Arrival,
  text: Texts,
): Promise<void> {
  const later = runs.filter((_, index) => index % updatedEvery === 0);
  const twins = runs
    .filter((_, index) => index % deletedEvery === 0)
    .map((run) => ({ ...run, id: `${run.id}-twin`, status: 'completed' }));
  const early = later.map((run) => ({
    ...run,
    status: 'created',
    completedAt: null,
    failedAt: null,
    canceledAt: null,
  }));
  const sourceOf = new Map(monitors.map(({ id, sourceId }) => [id, sourceId]));
  const stored = [...twins, ...runs.map((run) => early.find(({ id }) => id === run.id) ?? run)];
  for (let from = 0; from < stored.length; from += chunk) {
    await upsertRuns(sql, stored.slice(from, from + chunk), sourceOf, text);
  }
  await upsertRuns(sql, later, sourceOf, text);
  await sql`delete from monitor_runs where id like '%-twin'`;
}

async function upsertRuns(
  sql: TransactionSql,
  runs: readonly RunRow[],
  sourceOf: ReadonlyMap<string, number>,
  text: Texts,
): Promise<void> {
  const rows = runs.map((run) => ({
    id: run.id,
    monitor_id: run.monitorId,
    status: run.status,
    type: run.type,
    created_at: text(run.createdAt),
    updated_at: text(run.createdAt),
    completed_at: text(run.completedAt),
    failed_at: text(run.failedAt),
    failed_reason: run.failedReason,
    canceled_at: text(run.canceledAt),
    absent_since: text(run.absentSince),
    answer: 1,
    source_id: sourceOf.get(run.monitorId) ?? 1,
  }));
  const update = sql`on conflict (id) do update
    set status = excluded.status, completed_at = excluded.completed_at, failed_at = excluded.failed_at,
      canceled_at = excluded.canceled_at`;
  await insertRows(sql, 'monitor_runs', rows, update);
}

/** By way of JSON: a parameter of type timestamptz would lose its microseconds and its offset in the driver. */
async function insertRows(
  sql: TransactionSql,
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  onConflict = sql``,
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = sql(Object.keys(first));
  await sql`insert into ${sql(table)} (${columns})
    select ${columns} from json_populate_recordset(null::${sql(table)}, ${JSON.stringify(rows)}::text::json)
    ${onConflict}`;
}
