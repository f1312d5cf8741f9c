import { backoffMs } from './backoff.ts';
import type { Occurrences } from './occurrences.ts';

/** What the warehouse remembers of the cycles before this process. Instants in milliseconds since the epoch. */
export interface CycleHistory {
  /** When the last cycle began that went through all its stages; null: there was none. */
  readonly lastCompleteMs: number | null;
  /** Scheduled cycles that have failed since, newest first without a gap. */
  readonly failedInARow: number;
  readonly lastFailedMs: number | null;
}

/**
 * Whether a firing has passed since the last complete cycle began: then it was missed while no process ran, and the
 * data is older than the schedule promises.
 */
export function isLate(history: CycleHistory, occurrences: Occurrences, nowMs: number): boolean {
  const [latest] = occurrences.lastUpTo(nowMs, 1);
  if (history.lastCompleteMs === null) return true;
  return latest !== undefined && history.lastCompleteMs < latest;
}

/** Until when failures before this process hold cycles back: restarting is no way around it. */
export function heldBackUntilMs({ failedInARow, lastFailedMs }: CycleHistory): number {
  return lastFailedMs === null ? Number.NEGATIVE_INFINITY : lastFailedMs + backoffMs(failedInARow);
}

/** A firing's delay: the installation's own, but never so long that it reaches halfway into the next firing. */
export function jitterMs(share: number, longestMs: number, untilNextMs: number): number {
  return Math.floor(share * Math.max(0, Math.min(longestMs, untilNextMs / 2)));
}
