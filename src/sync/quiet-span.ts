import type { Checkpoint, ListedMonitor } from './model.ts';
import { planMonitor, skippedUntilMs } from './plan.ts';

/**
 * When cycles would skip every monitor, if they found the listing and the warehouse as this one leaves them and no young
 * run were open. Each monitor that is added may make it shorter.
 */
export class QuietSpan {
  readonly #fullWalkDays: number;
  #fromMs = Number.NEGATIVE_INFINITY;
  #untilMs = Number.POSITIVE_INFINITY;
  /** Monitors of which the listing shows no run, and those whose rejected runs speak against their having none. */
  readonly #withoutRuns = new Set<string>();
  readonly #withRejectedRuns = new Set<string>();

  constructor(fullWalkDays: number) {
    this.#fullWalkDays = fullWalkDays;
  }

  /** A monitor with the checkpoint that the cycle leaves; null: it has none. */
  add(monitor: ListedMonitor, checkpoint: Checkpoint | null, nowMs: number): void {
    const fullWalkDays = this.#fullWalkDays;
    const { decision } = planMonitor({
      monitor,
      checkpoint,
      youngOpenRuns: 0,
      hasRejectedRuns: false,
      nowMs,
      options: { full: false, since: null, fullWalkDays },
    });
    const isSkipped = decision === 'skip' && checkpoint !== null;
    const untilMs = isSkipped ? skippedUntilMs(monitor, checkpoint, fullWalkDays) : Number.NEGATIVE_INFINITY;
    this.#fromMs = Math.max(this.#fromMs, nowMs);
    this.#untilMs = Math.min(this.#untilMs, untilMs);
    if (monitor.lastRun === null) this.#withoutRuns.add(monitor.id);
  }

  /** There are, or may be, rejected runs of this monitor. */
  hasRejectedRuns(monitorId: string): void {
    this.#withRejectedRuns.add(monitorId);
  }

  /** The first instant, and the first after it that does not count any more, in milliseconds; null: there are none. */
  span(): { readonly fromMs: number; readonly untilMs: number } | null {
    const mayHaveRuns = [...this.#withoutRuns].some((id) => this.#withRejectedRuns.has(id));
    const isSome = Number.isFinite(this.#untilMs) && this.#fromMs < this.#untilMs;
    return isSome && !mayHaveRuns ? { fromMs: this.#fromMs, untilMs: this.#untilMs } : null;
  }
}
