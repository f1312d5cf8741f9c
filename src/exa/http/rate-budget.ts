import type { Clock } from '../../sync/ports.ts';
import { Pace } from './pace.ts';
import { toError } from '../../sync/errors.ts';
import { longestPauseMs } from './retry.ts';
import type { Sleep } from './sleep.ts';

export interface RateBudgetOptions {
  /** May be a fraction; 0 means no limit. */
  readonly requestsPerSecond: number;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** How long a request waited for its turn, in milliseconds, and for what. */
export interface Wait {
  readonly ms: number;
  readonly why: 'rate' | 'pause';
}

interface Waiter {
  readonly sinceMs: number;
  readonly grant: (wait: Wait) => void;
}

/** A timer may fire just before the clock shows its time; a clock that never gets there is not waited for. */
const napsPerTurn = 3;

/**
 * The request rate that all workers share: a token bucket that holds a single token, so that there are no bursts. It
 * outlives a cycle, because the pace and a pause hold across cycles as well.
 */
export class RateBudget {
  readonly #clock: Clock;
  readonly #sleep: Sleep;
  readonly #pace: Pace;
  readonly #queue = new Set<Waiter>();
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #serving = false;
  #nap = new AbortController();

  constructor({ requestsPerSecond, clock, sleep }: RateBudgetOptions) {
    this.#clock = clock;
    this.#sleep = sleep;
    this.#pace = new Pace(requestsPerSecond);
  }

  /** Resolves when it is this request's turn, first come first served. @throws the signal's reason when it aborts. */
  take(signal: AbortSignal): Promise<Wait> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(toError(signal.reason));
        return;
      }
      const leave = () => {
        this.#forget(waiter);
        reject(toError(signal.reason));
      };
      const waiter: Waiter = {
        sinceMs: this.#clock.now(),
        grant(wait) {
          signal.removeEventListener('abort', leave);
          resolve(wait);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#queue.add(waiter);
      if (!this.#serving) void this.#serve();
    });
  }

  /** No request is sent within the next `ms` milliseconds (300 s at most). A pause is never shortened. */
  pauseFor(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.now() + Math.min(ms, longestPauseMs));
  }

  /** The answer to a request that was sent at `sentMs` has begun. */
  answered(sentMs: number): void {
    this.#pace.answered(sentMs, this.#clock.now());
  }

  #forget(waiter: Waiter): void {
    this.#queue.delete(waiter);
    // Nobody waits any more: the timer of a long pause must not keep the process alive.
    if (this.#queue.size === 0) this.#nap.abort();
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    while (this.#queue.size > 0) {
      const atMs = this.#dueMs() <= this.#clock.now() ? this.#clock.now() : await this.#nextTurn();
      const [first] = this.#queue;
      if (first !== undefined) this.#grant(first, atMs);
    }
    this.#serving = false;
  }

  #grant(waiter: Waiter, atMs: number): void {
    this.#queue.delete(waiter);
    this.#pace.record(atMs, Math.max(waiter.sinceMs, this.#pausedUntilMs));
    const why = this.#pausedUntilMs > waiter.sinceMs ? 'pause' : 'rate';
    waiter.grant({ ms: Math.max(0, atMs - waiter.sinceMs), why });
  }

  /** Sleeps until the next turn and returns its time. */
  async #nextTurn(): Promise<number> {
    let naps = 0;
    let nappedForMs = Number.NaN;
    while (this.#queue.size > 0) {
      const dueMs = this.#dueMs();
      const nowMs = this.#clock.now();
      if (dueMs <= nowMs) break;
      naps = dueMs === nappedForMs ? naps : 0;
      if (naps === napsPerTurn) return dueMs;
      nappedForMs = dueMs;
      this.#nap = new AbortController();
      await this.#sleep(Math.ceil(dueMs - nowMs), this.#nap.signal);
      naps = this.#nap.signal.aborted ? 0 : naps + 1;
    }
    return this.#clock.now();
  }

  /** When the next turn comes. */
  #dueMs(): number {
    const nowMs = this.#clock.now();
    // A pause can end no later than this unless the clock was set back.
    this.#pausedUntilMs = Math.min(this.#pausedUntilMs, nowMs + longestPauseMs);
    return Math.max(this.#pace.nextTurnMs(nowMs), this.#pausedUntilMs);
  }
}
