/** What the views must say of a history, computed from their documented definitions without SQL. */
import { type History, type MonitorRow, type RunRow, dayUs, secondUs } from './random-history.ts';

export type Row = Readonly<Record<string, unknown>>;

const isFinal = (status: string): boolean => ['completed', 'failed', 'canceled'].includes(status);
const finishedAt = (run: RunRow): number | null => run.completedAt ?? run.failedAt ?? run.canceledAt;
const duration = (run: RunRow): number | null => {
  const finished = finishedAt(run);
  return finished === null ? null : (finished - run.createdAt) / secondUs;
};
export const utcDay = (instantUs: number): string =>
  new Date(Math.floor(instantUs / dayUs) * (dayUs / 1000)).toISOString().slice(0, 10);
const rate = (failed: number, completed: number): number | null =>
  failed + completed === 0 ? null : failed / (failed + completed);
const countOf = (runs: readonly RunRow[], status: string): number =>
  runs.filter((run) => run.status === status).length;

export function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups.values()];
}

function first<T>(items: readonly T[], before: (a: T, b: T) => boolean): T | undefined {
  return items.reduce<T | undefined>(
    (best, item) => (best === undefined || before(item, best) ? item : best),
    undefined,
  );
}

const createdLater = (a: RunRow, b: RunRow): boolean =>
  a.createdAt > b.createdAt || (a.createdAt === b.createdAt && a.id > b.id);

function percentile(values: readonly number[], fraction: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const position = fraction * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
  return low === undefined || high === undefined
    ? null
    : low + (position - Math.floor(position)) * (high - low);
}

export function sourceOf(sourceId: number): { account: string; api: string } {
  return sourceId === 2 ? { account: 'eu', api: 'search' } : { account: 'default', api: 'websets' };
}

/** What people call a monitor, and where it belongs. */
export function namesOf(monitor: MonitorRow | undefined): {
  monitor_name: string;
  account: string;
  api: string;
} {
  if (monitor === undefined) throw new Error('no such monitor');
  const { name, metadata, behavior, sourceId } = monitor;
  const names = [name, metadata['name'], metadata['title'], queryOf(behavior)?.slice(0, 80), monitor.id];
  const called = names.find((text) => typeof text === 'string' && text.trim() !== '');
  return { monitor_name: String(called).trim(), ...sourceOf(sourceId) };
}

export function queryOf(behavior: unknown): string | null {
  if (typeof behavior !== 'object' || behavior === null) return null;
  if ('query' in behavior && typeof behavior.query === 'string') return behavior.query;
  return 'config' in behavior ? queryOf(behavior.config) : null;
}

export function typeOf({ behavior }: MonitorRow): unknown {
  return 'config' in behavior ? (behavior['type'] ?? null) : null;
}

/** Those whose monitor is known. */
export function listedRuns({ runs, monitors }: History): readonly RunRow[] {
  return runs.filter(({ monitorId }) => monitors.some(({ id }) => id === monitorId));
}

export function expectedFacts(history: History, nowUs: number): Row[] {
  return listedRuns(history).map((run) => {
    const monitor = history.monitors.find(({ id }) => id === run.monitorId);
    const started = first(
      history.statusChanges.filter(({ runId, toStatus }) => runId === run.id && toStatus === 'running'),
      (a, b) => a.answer < b.answer,
    );
    return {
      run_id: run.id,
      monitor_id: run.monitorId,
      webset_id: monitor?.websetId,
      day: utcDay(run.createdAt),
      status: run.status,
      type: run.type,
      is_final: isFinal(run.status),
      is_failed: run.status === 'failed',
      failed_reason: run.failedReason,
      created_at: run.createdAt,
      updated_at: run.createdAt,
      finished_at: finishedAt(run),
      duration_seconds: duration(run),
      queue_seconds: started === undefined ? null : (started.changedAt - run.createdAt) / secondUs,
      absent_since: run.absentSince,
      first_synced_at: nowUs,
      changed_at: nowUs,
      monitor_status: monitor?.status,
      monitor_cadence_cron: monitor?.cadenceCron,
      monitor_cadence_timezone: monitor?.cadenceTimezone,
      monitor_metadata: monitor?.metadata,
      monitor_absent_since: monitor?.absentSince,
      ...namesOf(monitor),
    };
  });
}

export function expectedDailyRates(history: History): Row[] {
  return groupBy(listedRuns(history), (run) => `${run.monitorId} ${utcDay(run.createdAt)}`).map((group) => {
    const durations = group.map(duration).filter((seconds) => seconds !== null);
    const [completed, failed] = [countOf(group, 'completed'), countOf(group, 'failed')];
    const monitor = history.monitors.find(({ id }) => id === group[0]?.monitorId);
    return {
      day: utcDay(group[0]?.createdAt ?? 0),
      monitor_id: group[0]?.monitorId,
      runs: group.length,
      completed,
      failed,
      canceled: countOf(group, 'canceled'),
      open: group.filter(({ status }) => !isFinal(status)).length,
      failure_rate: rate(failed, completed),
      p50_duration_seconds: percentile(durations, 0.5),
      p95_duration_seconds: percentile(durations, 0.95),
      ...namesOf(monitor),
      type: monitor === undefined ? undefined : typeOf(monitor),
    };
  });
}

/** A word that is taken out whole; of other words only the number is. */
function isId(word: string): boolean {
  const numbers = word.match(/\d+/g) ?? [];
  const rest = word.slice(word.search(/\d\D*$/) + 1);
  return (
    numbers.length > 1 ||
    (numbers.length === 1 && rest.length > 2) ||
    word.split(/[^0-9A-Fa-f]/).some((row) => row.length >= 8) ||
    word.split(/[_-]/).some((row) => /\d/.test(row.slice(15)))
  );
}

export function reasonPattern(reason: string | null): string {
  const text = Array.from(reason ?? '')
    .slice(0, 2000)
    .join('')
    .replaceAll(/[A-Za-z][A-Za-z0-9+.-]*:\/\/([^ \t\r\n"'<>)\]]+)/g, (url, rest: string) => {
      const punctuation = /[.,:;!?]*$/.exec(rest)?.[0] ?? '';
      return punctuation === rest ? url : `<url>${punctuation}`;
    })
    .replaceAll(/"[^"]*"|`[^`]*`/g, '<text>')
    .replaceAll(/(^|[ ([=:,])'[^']*'/g, '$1<text>')
    .replaceAll(/[0-9A-Za-z_-]+/g, (word) => (isId(word) ? '<n>' : word))
    .replaceAll(/(?:\d+|<n>)(?:[.,:](?:\d+|<n>))*/g, '<n>')
    .replaceAll(/[ \t\r\n]+/g, ' ');
  const pattern = Array.from(text)
    .slice(0, 500)
    .join('')
    .replaceAll(/^ +| +$/g, '');
  return pattern === '' ? '(none)' : pattern;
}

/** Failed runs by what their reasons have in common, of each source. */
export function failuresOf({ runs, monitors }: History, sinceUs: number): { run: RunRow; key: string }[] {
  return runs
    .filter((run) => run.status === 'failed' && run.createdAt >= sinceUs)
    .map((run) => {
      const { sourceId = 1 } = monitors.find(({ id }) => id === run.monitorId) ?? {};
      return { run, key: `${sourceId} ${reasonPattern(run.failedReason)}` };
    });
}

export function expectedReasons(history: History, sinceUs: number): Row[] {
  return groupBy(failuresOf(history, sinceUs), ({ key }) => key).map((failures) => {
    const group = failures.map(({ run }) => run);
    const newest = first(group, createdLater);
    return {
      reason: reasonPattern(group[0]?.failedReason ?? null),
      failures: group.length,
      monitors: new Set(group.map(({ monitorId }) => monitorId)).size,
      first_seen_at: Math.min(...group.map(({ createdAt }) => createdAt)),
      last_seen_at: newest?.createdAt,
      example: newest?.failedReason,
      example_run_id: newest?.id,
      ...sourceOf(Number(failures[0]?.key[0])),
    };
  });
}

/** Start and end of the newest cycle over all monitors. */
function wholeCycle({ cycles, monitors }: History): { started: number; finished: number } | null {
  for (const { status, startedAt, finishedAt: finished, monitorsSeen, asksForAll } of cycles.toReversed()) {
    if (finished === null || !asksForAll || !['succeeded', 'partial'].includes(status)) continue;
    const there = monitors.filter(
      ({ firstSyncedAt, absentSince }) =>
        firstSyncedAt <= finished && (absentSince === null || absentSince > finished),
    );
    if (monitorsSeen >= there.length) return { started: startedAt, finished };
  }
  return null;
}

function coveredThrough(history: History, monitor: MonitorRow): number | null {
  const cycle = wholeCycle(history);
  const checkpoint = history.checkpoints.find(({ monitorId }) => monitorId === monitor.id);
  if (checkpoint === undefined) return null;
  const readable =
    checkpoint.consecutiveFailures === 0 &&
    checkpoint.lastWalkAt !== null &&
    checkpoint.walkStartedAt === null;
  const { syncedThrough } = checkpoint;
  if (!readable || monitor.absentSince !== null || cycle === null || monitor.firstSyncedAt > cycle.finished)
    return syncedThrough;
  return Math.max(syncedThrough ?? cycle.started, cycle.started);
}

const isStale = (covered: number | null, nowUs: number): boolean =>
  covered === null || covered < nowUs - dayUs;

/** The least, or null as soon as one is unknown. */
const leastKnown = (values: readonly (number | null)[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => (a === null || b === null ? null : Math.min(a, b)));

export function expectedFreshness(history: History, nowUs: number): Row[] {
  const rejectedOf = (id: string): number =>
    history.rejected.filter(({ monitorId }) => monitorId === id).length;
  const rows = history.monitors.map((monitor) => {
    const checkpoint = history.checkpoints.find(({ monitorId }) => monitorId === monitor.id);
    const covered = coveredThrough(history, monitor);
    return {
      present: monitor.absentSince === null,
      row: {
        scope: 'monitor',
        monitor_id: monitor.id,
        monitors: 1,
        covered_through: covered,
        is_stale: isStale(covered, nowUs),
        synced_through: checkpoint?.syncedThrough ?? null,
        last_walk_at: checkpoint?.lastWalkAt ?? null,
        last_full_walk_at: checkpoint?.lastFullWalkAt ?? null,
        unfinished_walks: checkpoint === undefined || checkpoint.walkStartedAt === null ? 0 : 1,
        rejected_runs: rejectedOf(monitor.id),
        consecutive_failures: checkpoint?.consecutiveFailures ?? 0,
        last_error: checkpoint?.lastError ?? null,
        last_error_at: checkpoint?.lastErrorAt ?? null,
        ...namesOf(monitor),
      },
    };
  });
  const present = rows.filter((entry) => entry.present).map(({ row }) => row);
  const lastCycle = history.cycles.findLast((cycle) => cycle.finishedAt !== null);
  const walks = present.map((row) => row.last_walk_at).filter((at) => at !== null);
  const covered = leastKnown([
    wholeCycle(history)?.started ?? null,
    ...present.map((row) => row.covered_through),
  ]);
  const all = {
    scope: 'all',
    monitor_id: null,
    monitors: present.length,
    covered_through: covered,
    is_stale: isStale(covered, nowUs),
    synced_through: leastKnown(present.map((row) => row.synced_through)),
    last_walk_at: walks.length === 0 ? null : Math.max(...walks),
    last_full_walk_at: leastKnown(present.map((row) => row.last_full_walk_at)),
    unfinished_walks: present.reduce((sum, row) => sum + row.unfinished_walks, 0),
    rejected_runs: present.reduce((sum, row) => sum + row.rejected_runs, 0),
    consecutive_failures: Math.max(0, ...present.map((row) => row.consecutive_failures)),
    last_error: lastCycle?.error ?? null,
    last_error_at: lastCycle === undefined || lastCycle.error === null ? null : lastCycle.finishedAt,
    monitor_name: null,
    account: null,
    api: null,
  };
  return [...rows.map(({ row }) => row), all];
}

export function expectedHealth(history: History, nowUs: number): Row[] {
  return history.monitors.map((monitor) => {
    const own = history.runs.filter(({ monitorId }) => monitorId === monitor.id);
    const last = first(own, createdLater);
    const success = first(
      own.filter(({ status }) => status === 'completed'),
      createdLater,
    );
    const failures = own.filter(({ status }) => status === 'failed');
    const streak = failures.filter(
      (run) => success === undefined || run.createdAt > success.createdAt,
    ).length;
    const open = own.filter((run) => !isFinal(run.status) && run.absentSince === null);
    const stuckRuns = open.filter((run) => run.createdAt < nowUs - dayUs);
    const stuck = stuckRuns.length;
    const midnight = Math.floor(nowUs / dayUs) * dayUs;
    const rated = (days: number): { failed: number; completed: number } => {
      const within = own.filter((run) => run.createdAt >= midnight - (days - 1) * dayUs);
      return { failed: countOf(within, 'failed'), completed: countOf(within, 'completed') };
    };
    const [week, month, quarter] = [rated(7), rated(30), rated(90)];
    const active = ['enabled', 'active'].includes(monitor.status) && monitor.absentSince === null;
    const { nextRunAt } = monitor;
    const covered = coveredThrough(history, monitor);
    const base = month.failed + month.completed >= 3 ? month : quarter;
    const rated30 = base.failed + base.completed;
    const surelyAtLeast = rated30 < 3 ? 0 : wilsonLowerBound(base.failed, rated30);
    const gapUs = monitor.longestGapDays === null ? null : monitor.longestGapDays * dayUs;
    const quietUs = covered === null ? 0 : covered - (last?.createdAt ?? monitor.firstSyncedAt);
    const silent = gapUs !== null && quietUs > gapUs + dayUs / 4;
    const barrenUs = covered === null ? 0 : covered - (success?.createdAt ?? monitor.firstSyncedAt);
    const barren = last !== undefined && barrenUs > Math.max(3 * (gapUs ?? dayUs), 3 * dayUs);
    const missedAt = monitor.missed
      .filter(({ dueAt, lateBySeconds }) => lateBySeconds === null && dueAt > nowUs - 30 * dayUs)
      .map(({ dueAt }) => dueAt);
    const longStreak = streak >= 3 || (streak === 2 && ((gapUs ?? 0) >= 2 * dayUs || barren));
    const verdict = ((): string => {
      if (!active) return 'disabled';
      if (longStreak || stuck >= 3 || surelyAtLeast >= 0.5) return 'failing';
      if (silent || barren) return 'silent';
      if (streak >= 2 || stuck >= 1 || missedAt.length >= 2 || surelyAtLeast >= 0.1) return 'degraded';
      return rated30 < 3 ? 'unproven' : 'healthy';
    })();
    const reasons = [
      streak >= 2 ? `streak:${streak}` : '',
      stuck >= 1 ? `stuck:${stuck}` : '',
      surelyAtLeast >= 0.1 ? `rate:${(base.failed / rated30).toFixed(2)} of ${rated30}` : '',
      silent ? `silent_for:${wholeDays(quietUs)}d` : '',
      barren ? (success === undefined ? 'no_success_ever' : `no_success_for:${wholeDays(barrenUs)}d`) : '',
      missedAt.length > 0 ? `missed:${missedAt.length}` : '',
      last === undefined ? 'no_runs' : '',
      verdict === 'unproven' && last !== undefined ? `too_few:${rated30}` : '',
    ].filter((reason) => reason !== '');
    const streakRuns = failures.filter((run) => success === undefined || run.createdAt > success.createdAt);
    const stuckSince = earliestOf(stuckRuns.map((run) => run.createdAt + dayUs));
    const since: Readonly<Record<string, number | null>> = {
      failing: longStreak ? earliestOf(streakRuns.map((run) => run.createdAt)) : stuckSince,
      silent: earliestOf([
        ...(silent ? [(last?.createdAt ?? monitor.firstSyncedAt) + gapUs] : []),
        ...(barren ? [(success?.createdAt ?? monitor.firstSyncedAt) + (gapUs ?? dayUs)] : []),
      ]),
      degraded: earliestOf([...(stuckSince === null ? [] : [stuckSince]), ...missedAt]),
    };
    return {
      monitor_id: monitor.id,
      ...namesOf(monitor),
      webset_id: monitor.websetId,
      monitor_status: monitor.status,
      absent_since: monitor.absentSince,
      last_run_id: last?.id ?? null,
      last_run_at: last?.createdAt ?? null,
      last_run_status: last?.status ?? null,
      last_success_at: success?.createdAt ?? null,
      failure_streak: streak,
      failure_rate_7d: rate(week.failed, week.completed),
      rated_runs_7d: week.failed + week.completed,
      failure_rate_30d: rate(month.failed, month.completed),
      rated_runs_30d: month.failed + month.completed,
      failure_rate_90d: rate(quarter.failed, quarter.completed),
      rated_runs_90d: quarter.failed + quarter.completed,
      open_runs: open.length,
      stuck_runs: stuck,
      missed_runs_30d: missedAt.length,
      next_run_at: nextRunAt,
      overdue: active && nextRunAt !== null && nextRunAt < nowUs,
      synced_through:
        history.checkpoints.find(({ monitorId }) => monitorId === monitor.id)?.syncedThrough ?? null,
      covered_through: covered,
      is_stale: isStale(covered, nowUs),
      verdict,
      verdict_reasons: verdict === 'disabled' ? [] : reasons,
      verdict_since: since[verdict] ?? null,
      type: typeOf(monitor),
    };
  });
}

function earliestOf(instants: readonly number[]): number | null {
  return instants.length === 0 ? null : Math.min(...instants);
}

/** With 99 % certainty. */
export function wilsonLowerBound(failed: number, runs: number): number {
  const z = 2.326;
  const rateOf = failed / runs;
  const half = z * Math.sqrt((rateOf * (1 - rateOf) + (z * z) / (4 * runs)) / runs);
  return (rateOf + (z * z) / (2 * runs) - half) / (1 + (z * z) / runs);
}

function wholeDays(us: number): number {
  return Math.floor(Math.round(us / 1_000_000) / 86_400);
}
