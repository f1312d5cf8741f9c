import { setMaxListeners } from 'node:events';
import { InterruptedError, StopCycleError } from '../../sync/errors.ts';

/** The one switch that ends all waiting of a source: thrown by a person's signal or by an answer that stops the cycle. */
export interface Halt {
  /** Aborts with the error that everything which has not been sent yet fails with. */
  readonly signal: AbortSignal;
  /** Halts the source with this error unless it is halted already, and returns the error to throw. */
  stop<E extends StopCycleError>(error: E): E;
  /** Runs one request under the switch. @throws the halting error when the source is halted already. */
  guard<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Listens to `outer` only while requests are under way: in a service it lives for months, and a listener left behind
 * by each cycle would keep every one of them in memory.
 */
export function createHalt(outer: AbortSignal): Halt {
  const controller = new AbortController();
  // Every waiting worker listens; Node warns of a leak from the eleventh on.
  setMaxListeners(0, controller.signal);
  let running = 0;
  const interrupt = () => controller.abort(asError(outer.reason));
  return {
    signal: controller.signal,
    stop(error) {
      controller.abort(error);
      return error;
    },
    async guard(work) {
      if (outer.aborted) interrupt();
      controller.signal.throwIfAborted();
      if (running === 0) outer.addEventListener('abort', interrupt);
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
        if (running === 0) outer.removeEventListener('abort', interrupt);
      }
    },
  };
}

/** A lost lock may come through the same signal as a person's wish; what the engine understands stays as it is. */
function asError(reason: unknown): Error {
  if (reason instanceof StopCycleError || reason instanceof InterruptedError) return reason;
  return new InterruptedError('asked to stop: no further request is sent', { cause: reason });
}
