import { toError } from '../../sync/errors.ts';

/**
 * Waits for work until the signal comes: that nobody can stop, such as connecting to a server that does not answer, or that
 * `giveUp` ends. What becomes of the work then is of no interest any more.
 * @throws the signal's reason, and what the work throws.
 */
export async function unlessAborted<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  giveUp = (): void => undefined,
): Promise<T> {
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => {
      reject(toError(signal.reason));
      giveUp();
    };
    signal.addEventListener('abort', stop, { once: true });
    void work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}
