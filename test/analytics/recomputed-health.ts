/** What the views of freshness and health must say of a history, computed from their documented definitions without SQL. */
import { type History, type MonitorRow, dayUs } from './random-history.ts';
import {
  type Row,
  countOf,
  createdLater,
  first,
  isFinal,
  namesOf,
  rate,
  typeOf,
} from './recomputed-views.ts';

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
