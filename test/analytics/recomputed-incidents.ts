/** What the views of incidents, clusters, missed runs and configurations must say of a history, without SQL. */
import { type History, type RunRow, secondUs } from './random-history.ts';
import {
  type Row,
  failuresOf,
  groupBy,
  listedRuns,
  namesOf,
  queryOf,
  reasonPattern,
  sourceOf,
  typeOf,
  utcDay,
} from './recomputed-views.ts';

const inOrder = (a: RunRow, b: RunRow): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);

/** One run after the other: a failure opens a streak or lengthens it, a success ends it. */
export function expectedIncidents(history: History, nowUs: number): Row[] {
  return history.monitors.flatMap((monitor) => {
    const streaks: { failed: RunRow[]; endedAt: number | null }[] = [];
    let open: RunRow[] | null = null;
    for (const run of history.runs.filter(({ monitorId }) => monitorId === monitor.id).toSorted(inOrder)) {
      if (run.status === 'failed' && open !== null) open.push(run);
      else if (run.status === 'failed') streaks.push({ failed: (open = [run]), endedAt: null });
      const last = streaks.at(-1);
      if (run.status !== 'completed' || open === null || last === undefined) continue;
      last.endedAt = run.createdAt;
      open = null;
    }
    return streaks.map(({ failed, endedAt }) => {
      const [first, last] = [failed[0], failed.at(-1)];
      const beganAt = first?.createdAt ?? 0;
      return {
        monitor_id: monitor.id,
        began_at: beganAt,
        ended_at: endedAt,
        is_going_on: endedAt === null,
        hours: ((endedAt ?? nowUs) - beganAt) / secondUs / 3600,
        failed_runs: failed.length,
        first_run_id: first?.id,
        first_reason: first?.failedReason,
        last_run_id: last?.id,
        last_reason: last?.failedReason,
        ...namesOf(monitor),
        type: typeOf(monitor),
        ...lastChange(history, monitor.id, beganAt),
      };
    });
  });
}

function lastChange({ changes }: History, id: string, untilUs: number): Row {
  const before = changes.filter(
    ({ monitorId, field, changedAt }) => monitorId === id && changedAt <= untilUs && field !== 'absent_since',
  );
  const at = before.length === 0 ? null : Math.max(...before.map(({ changedAt }) => changedAt));
  const fields = before.filter(({ changedAt }) => changedAt === at).map(({ field }) => field);
  return { last_change_at: at, last_changed_fields: at === null ? null : [...new Set(fields)].toSorted() };
}

export function expectedClusters(history: History, sinceUs: number): Row[] {
  const days = groupBy(failuresOf(history, sinceUs), ({ run, key }) => `${utcDay(run.createdAt)} ${key}`);
  return days.flatMap((group) => {
    const instants = group.map(({ run }) => run.createdAt);
    const monitors = new Set(group.map(({ run }) => run.monitorId)).size;
    if (monitors < 3) return [];
    return [
      {
        day: utcDay(instants[0] ?? 0),
        ...sourceOf(Number(group[0]?.key[0])),
        reason: reasonPattern(group[0]?.run.failedReason ?? null),
        monitors,
        failed_runs: group.length,
        first_failed_at: Math.min(...instants),
        last_failed_at: Math.max(...instants),
      },
    ];
  });
}

export function expectedMissed({ monitors }: History): Row[] {
  return monitors.flatMap((monitor) =>
    monitor.missed.map(({ dueAt, lateBySeconds }) => ({
      monitor_id: monitor.id,
      ...namesOf(monitor),
      type: typeOf(monitor),
      day: utcDay(dueAt),
      due_at: dueAt,
      noticed_at: dueAt,
      is_late: lateBySeconds !== null,
      late_run_id: lateBySeconds === null ? null : `late-${monitor.id}`,
      late_by_seconds: lateBySeconds,
    })),
  );
}

/** The monitor as it is now, with every later change undone, the last one first. */
export function expectedConfigurations(history: History): Row[] {
  return listedRuns(history).map((run) => {
    const monitor = history.monitors.find(({ id }) => id === run.monitorId);
    let then: Readonly<Record<string, unknown>> = {
      status: monitor?.status,
      webset_id: monitor?.websetId,
      name: monitor?.name,
      behavior: monitor?.behavior,
      cadence_cron: monitor?.cadenceCron,
      cadence_timezone: monitor?.cadenceTimezone,
      metadata: monitor?.metadata,
    };
    const later = history.changes
      .filter(({ monitorId, changedAt }) => monitorId === run.monitorId && changedAt > run.createdAt)
      .toSorted((a, b) => b.changedAt - a.changedAt || b.seenAt - a.seenAt);
    for (const { field, valueBefore } of later) then = { ...then, [field]: valueBefore };
    const { status, absent_since: _absent, ...rest } = then;
    return {
      run_id: run.id,
      monitor_id: run.monitorId,
      ...namesOf(monitor),
      type: run.type,
      day: utcDay(run.createdAt),
      status: run.status,
      failed_reason: run.failedReason,
      created_at: run.createdAt,
      monitor_status: status,
      ...rest,
      query: queryOf(rest['behavior']),
      trigger: null,
      output_schema: null,
      ...lastChange(history, run.monitorId, run.createdAt),
    };
  });
}
