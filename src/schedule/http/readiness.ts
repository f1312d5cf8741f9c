import type { WarehouseHealth } from '../../warehouse/reads/load-health.ts';
import type { Occurrences } from '../occurrences.ts';

/** The body of `/readyz`. */
export interface Readiness {
  readonly ready: boolean;
  /** What is wrong, or how current the data is. */
  readonly reason: string;
  readonly lastSuccessAt: string | null;
  readonly lastReadAt: string | null;
  readonly lastCycle: WarehouseHealth['lastCycle'];
}

const minuteMs = 60_000;
const leastAgeMs = 60 * minuteMs;

/** How old the data may be: as old as a setting says, or as the schedule makes them. */
export function toleratedAgeMs(
  maxAgeMinutes: number | null,
  occurrences: Occurrences,
  nowMs: number,
): number {
  return maxAgeMinutes === null ? defaultMaxAgeMs(occurrences, nowMs) : maxAgeMinutes * minuteMs;
}

/** The tolerated age without a setting of its own: three firings may fail, and an hour is tolerated of every schedule. */
export function defaultMaxAgeMs(occurrences: Occurrences, nowMs: number): number {
  const fourthLast = occurrences.lastUpTo(nowMs, 4).at(-1);
  return Math.max(leastAgeMs, fourthLast === undefined ? 0 : nowMs - fourthLast);
}

/**
 * Ready means: all monitors have been read within the tolerated age. A run that cannot become a row is in
 * `rejected_runs` and makes cycles partial until the API corrects it; neither waiting nor a restart would, and a service
 * that is not ready because of it could not be told from one that reads nothing.
 * @param health null: the warehouse did not answer.
 */
export function judgeReadiness(health: WarehouseHealth | null, maxAgeMs: number, nowMs: number): Readiness {
  if (health === null) {
    const reason = 'the warehouse does not answer';
    return { ready: false, reason, lastSuccessAt: null, lastReadAt: null, lastCycle: null };
  }
  const { lastSuccessAt, lastReadAt, lastCycle } = health;
  const judge = (ready: boolean, reason: string): Readiness => ({
    ready,
    reason: `${reason}${describe(lastCycle)}`,
    lastSuccessAt,
    lastReadAt,
    lastCycle,
  });
  if (lastReadAt === null) return judge(false, 'no cycle has succeeded yet');
  const ageMs = nowMs - Date.parse(lastReadAt);
  const what = lastReadAt === lastSuccessAt ? 'the last success was' : 'all monitors were last read';
  const age = `${what} ${minutes(ageMs)} ago`;
  if (ageMs <= maxAgeMs) return judge(true, age);
  return judge(false, `${age}, more than the tolerated ${minutes(maxAgeMs)}`);
}

function describe(lastCycle: WarehouseHealth['lastCycle']): string {
  if (lastCycle === null || lastCycle.status === 'succeeded') return '';
  const error = lastCycle.error === null ? '' : `: ${lastCycle.error}`;
  return `; the last cycle was ${lastCycle.status}${error}`;
}

function minutes(ms: number): string {
  return `${Math.max(0, Math.floor(ms / minuteMs))} min`;
}
