/** What the views must say of a history, computed from their documented definitions without SQL. */
import { type History, type MonitorRow, type RunRow, dayUs, secondUs } from './random-history.ts';

export type Row = Readonly<Record<string, unknown>>;

export const isFinal = (status: string): boolean => ['completed', 'failed', 'canceled'].includes(status);
const finishedAt = (run: RunRow): number | null => run.completedAt ?? run.failedAt ?? run.canceledAt;
const duration = (run: RunRow): number | null => {
  const finished = finishedAt(run);
  return finished === null ? null : (finished - run.createdAt) / secondUs;
};
export const utcDay = (instantUs: number): string =>
  new Date(Math.floor(instantUs / dayUs) * (dayUs / 1000)).toISOString().slice(0, 10);
export const rate = (failed: number, completed: number): number | null =>
  failed + completed === 0 ? null : failed / (failed + completed);
export const countOf = (runs: readonly RunRow[], status: string): number =>
  runs.filter((run) => run.status === status).length;

export function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups.values()];
}

export function first<T>(items: readonly T[], before: (a: T, b: T) => boolean): T | undefined {
  return items.reduce<T | undefined>(
    (best, item) => (best === undefined || before(item, best) ? item : best),
    undefined,
  );
}

export const createdLater = (a: RunRow, b: RunRow): boolean =>
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
