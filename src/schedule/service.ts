import type { CycleResult } from '../sync/cycle.ts';
import { LockHeldError, toError } from '../sync/errors.ts';
import type { Logger } from '../sync/logger.ts';
import type { Clock } from '../sync/ports.ts';
import { backoffMs } from './backoff.ts';
import type { StartFiring } from './firing.ts';
import type { Occurrences } from './occurrences.ts';
import { heldBackUntilMs, isLate, jitterMs, type CycleHistory } from './plan-start.ts';

/** Why a firing started no cycle. */
export type SkippedFiring = 'running' | 'locked' | 'backoff';

/** How an attempt ended that was not skipped. */
export type CycleAttempt =
  | { readonly result: CycleResult; readonly error: null }
  /** Not even a record could be opened: the database cannot be reached, mostly. */
  | { readonly result: null; readonly error: Error };

export type CycleEnd = CycleAttempt & {
  /** Failures since the last cycle that did not fail, this one and those of earlier processes included. */
  readonly failedInARow: number;
};

export interface ServiceOptions {
  readonly clock: Clock;
  /** Resolves after `ms` milliseconds, or as soon as the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Aborts when the service is asked to end. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly startFiring: StartFiring;
  readonly occurrences: Occurrences;
  readonly history: CycleHistory;
  /** From 0 up to 1: this installation's share of the jitter, the same for each firing, so that cycles stay evenly apart. */
  readonly jitterShare: number;
  readonly longestJitterMs: number;
  /** @throws LockHeldError, and whatever keeps a cycle from being opened. */
  readonly runCycle: () => Promise<CycleResult>;
  /** Alerts, pruning and the like; not called once the service is asked to end. */
  readonly afterCycle: (end: CycleEnd) => Promise<void>;
  /** Told of each attempt that was not skipped, at once. */
  readonly onEnded: (end: CycleEnd) => void;
  readonly onSkipped: (reason: SkippedFiring) => void;
}

/** Starts cycles by a schedule, one at a time, until the signal comes. What goes wrong in a cycle stays in that cycle. */
export class Service {
  readonly #options: ServiceOptions;
  #failedInARow: number;
  #heldBackUntilMs: number;
  #atWork: Promise<void> | null = null;

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.#failedInARow = options.history.failedInARow;
    this.#heldBackUntilMs = heldBackUntilMs(options.history);
  }

  /** Resolves when the signal has come and the cycle at hand has ended. */
  async run(): Promise<void> {
    const { signal, startFiring, history, occurrences, clock } = this.#options;
    if (signal.aborted) return;
    const ended = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    const stopFiring = startFiring(() => this.fire());
    if (isLate(history, occurrences, clock.now())) void this.#begin(0);
    this.#logNext('the schedule runs', 'info');
    await ended;
    stopFiring();
    await this.#atWork;
  }

  /** A firing of the schedule; resolves when what it started is done. */
  async fire(): Promise<void> {
    const { signal, logger, onSkipped, occurrences, clock, jitterShare, longestJitterMs } = this.#options;
    if (signal.aborted) return;
    if (this.#atWork !== null) {
      logger.info({}, 'the cycle before is still running: this firing is skipped');
      onSkipped('running');
      return;
    }
    const nowMs = clock.now();
    await this.#begin(jitterMs(jitterShare, longestJitterMs, occurrences.nextAfter(nowMs) - nowMs));
  }

  #begin(delayMs: number): Promise<void> {
    const work = this.#attempt(delayMs).finally(() => {
      this.#atWork = null;
    });
    this.#atWork = work;
    return work;
  }

  /** Never rejects. */
  async #attempt(delayMs: number): Promise<void> {
    const { clock, sleep, signal, logger, onSkipped, onEnded, afterCycle } = this.#options;
    if (clock.now() + delayMs < this.#heldBackUntilMs) {
      logger.debug(
        { until: instant(this.#heldBackUntilMs) },
        'held back after failed cycles: this firing is skipped',
      );
      onSkipped('backoff');
      return;
    }
    if (delayMs > 0) await sleep(delayMs, signal);
    if (signal.aborted) return;
    const attempt = await this.#runCycle();
    if (attempt === null) return;
    this.#remember(attempt);
    const end = { ...attempt, failedInARow: this.#failedInARow };
    onEnded(end);
    if (signal.aborted) return;
    try {
      await afterCycle(end);
    } catch (error) {
      logger.error({ err: error }, 'what follows a cycle failed');
    }
    this.#logNext('waiting for the next firing', this.#failedInARow > 0 ? 'info' : 'debug');
  }

  async #runCycle(): Promise<CycleAttempt | null> {
    const { runCycle, logger, onSkipped } = this.#options;
    try {
      return { result: await runCycle(), error: null };
    } catch (error) {
      if (error instanceof LockHeldError) {
        logger.info({ holder: error.holder }, `${error.message}: this firing is skipped`);
        onSkipped('locked');
        return null;
      }
      logger.error({ err: error }, 'the cycle could not start');
      return { result: null, error: toError(error) };
    }
  }

  /** An interrupted cycle says nothing about whether cycles work. */
  #remember({ result }: CycleAttempt): void {
    const status = result === null ? 'failed' : result.outcome.status;
    if (status === 'interrupted') return;
    this.#failedInARow = status === 'failed' ? this.#failedInARow + 1 : 0;
    this.#heldBackUntilMs = this.#options.clock.now() + backoffMs(this.#failedInARow);
  }

  #logNext(message: string, level: 'info' | 'debug'): void {
    const { clock, occurrences, logger } = this.#options;
    const fromMs = Math.max(clock.now(), this.#heldBackUntilMs);
    const nextMs = occurrences.nextAfter(fromMs);
    logger[level]({ next: instant(nextMs) }, message);
  }
}

function instant(ms: number): string | null {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : null;
}
