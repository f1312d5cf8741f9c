import type { PlannedRun, RunHistory } from './run-history.ts';
import { countUpTo } from './sort-key.ts';

/**
 * A monitor of either API and its runs. Scheduled runs are written down when somebody looks, not when the clock passes
 * them: thousands of monitors that nobody asks about cost nothing.
 */
export abstract class KeptMonitor<P extends PlannedRun> {
  readonly history: RunHistory<P>;

  constructor(history: RunHistory<P>) {
    this.history = history;
  }

  abstract get settings(): { readonly id: string; readonly createdAtMs: number };

  /** Writes down the runs that the schedule has started up to now. */
  abstract catchUp(nowMs: number): void;

  /** Runs that exist by now. */
  countRuns(nowMs: number): number {
    this.catchUp(nowMs);
    const { count } = this.history;
    return count === 0 || this.history.keyAt(count - 1).atMs <= nowMs
      ? count
      : countUpTo(this.history, nowMs);
  }
}
