import pLimit from 'p-limit';
import { InterruptedError, SkipMonitorError } from './errors.ts';

/**
 * What every request to one source passes: it bounds the requests under way and lets none through once the source has to
 * stop. Work that is already under way goes on to its next request, so that a page at hand is still committed.
 */
export class CycleGate {
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #interrupted: AbortSignal;
  readonly #watch: () => void;
  #stoppedBy: { readonly error: unknown } | null = null;
  /** What requests failed with, apart from what concerns a single monitor. */
  readonly #ofSource = new Set<unknown>();

  /** `watch` is called before each request and may call `stop`. */
  constructor(concurrency: number, interrupted: AbortSignal, watch: () => void = () => undefined) {
    this.#limit = pLimit(concurrency);
    this.#interrupted = interrupted;
    this.#watch = watch;
  }

  /** Asks once there is a free place. @throws the error that stopped the source, or InterruptedError. */
  ask<T>(request: () => Promise<T>): Promise<T> {
    return this.#limit(async () => {
      this.throwIfStopped();
      try {
        return await request();
      } catch (error) {
        if (!(error instanceof SkipMonitorError)) this.#ofSource.add(error);
        throw error;
      }
    });
  }

  /** Whether an error came from the source, or is about its lists, and is no other source's business. */
  isOfSource(error: unknown): boolean {
    return error instanceof SkipMonitorError || this.#ofSource.has(error);
  }

  /** Stops the source for this reason; the first one counts. */
  stop(error: unknown): void {
    this.#stoppedBy ??= { error };
  }

  throwIfStopped(): void {
    this.#watch();
    if (this.#stoppedBy !== null) throw this.#stoppedBy.error;
    if (this.#interrupted.aborted) throw interruption(this.#interrupted.reason);
  }
}

/** Whatever asked for the end, in its own words where it has some. */
function interruption(reason: unknown): InterruptedError {
  if (reason instanceof InterruptedError) return reason;
  return new InterruptedError('asked to stop', { cause: reason });
}
