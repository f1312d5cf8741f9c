import pLimit from 'p-limit';
import { InterruptedError } from './errors.ts';

/**
 * What every request of a cycle passes: it bounds the requests under way and lets none through once the cycle has to
 * stop. Work that is already under way goes on to its next request, so that a page at hand is still committed.
 */
export class CycleGate {
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #interrupted: AbortSignal;
  #stoppedBy: { readonly error: unknown } | null = null;

  constructor(concurrency: number, interrupted: AbortSignal) {
    this.#limit = pLimit(concurrency);
    this.#interrupted = interrupted;
  }

  /** Asks once there is a free place. @throws the error that stopped the cycle, or InterruptedError. */
  ask<T>(request: () => Promise<T>): Promise<T> {
    return this.#limit(() => {
      this.throwIfStopped();
      return request();
    });
  }

  /** Stops the cycle for this reason; the first one counts. */
  stop(error: unknown): void {
    this.#stoppedBy ??= { error };
  }

  throwIfStopped(): void {
    if (this.#stoppedBy !== null) throw this.#stoppedBy.error;
    if (this.#interrupted.aborted) throw interruption(this.#interrupted.reason);
  }
}

/** Whatever asked for the end, in its own words where it has some. */
function interruption(reason: unknown): InterruptedError {
  if (reason instanceof InterruptedError) return reason;
  return new InterruptedError('asked to stop', { cause: reason });
}
