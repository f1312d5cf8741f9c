import type { WarehouseHealth } from '../warehouse/load-health.ts';
import type { Occurrences } from './occurrences.ts';

/** The body of `/readyz`. */
export interface Readiness {
  readonly ready: boolean;
  /** What is wrong, or how current the data is. */
  readonly reason: string;
  readonly lastSuccessAt: string | null;
  readonly lastCycle: WarehouseHealth['lastCycle'];
}

const minuteMs = 60_000;
const leastAgeMs = 60 * minuteMs;

/** The tolerated age without a setting of its own: three firings may fail, and an hour is tolerated of every schedule. */
export function defaultMaxAgeMs(occurrences: Occurrences, nowMs: number): number {
  const fourthLast = occurrences.lastUpTo(nowMs, 4).at(-1);
  return Math.max(leastAgeMs, fourthLast === undefined ? 0 : nowMs - fourthLast);
}

/** @param health null: the warehouse did not answer. */
export function judgeReadiness(health: WarehouseHealth | null, maxAgeMs: number, nowMs: number): Readiness {
  if (health === null) {
    return { ready: false, reason: 'the warehouse does not answer', lastSuccessAt: null, lastCycle: null };
  }
  const { lastSuccessAt, lastCycle } = health;
  const base = { lastSuccessAt, lastCycle };
  if (lastSuccessAt === null)
    return { ready: false, reason: `no cycle has succeeded yet${describe(lastCycle)}`, ...base };
  const ageMs = nowMs - Date.parse(lastSuccessAt);
  if (ageMs <= maxAgeMs)
    return { ready: true, reason: `the last success was ${minutes(ageMs)} ago`, ...base };
  const reason = `the last success was ${minutes(ageMs)} ago, more than the tolerated ${minutes(maxAgeMs)}${describe(lastCycle)}`;
  return { ready: false, reason, ...base };
}

function describe(lastCycle: WarehouseHealth['lastCycle']): string {
  if (lastCycle === null || lastCycle.status === 'succeeded') return '';
  const error = lastCycle.error === null ? '' : `: ${lastCycle.error}`;
  return `; the last cycle was ${lastCycle.status}${error}`;
}

function minutes(ms: number): string {
  return `${Math.max(0, Math.floor(ms / minuteMs))} min`;
}
