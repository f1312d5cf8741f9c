import { toError } from '../sync/errors.ts';

/**
 * Waits for work that nobody can stop, such as connecting to a server that does not answer, until the signal comes; what
 * becomes of the work then is of no interest any more.
 * @throws the signal's reason, and what the work throws.
 */
export async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(toError(signal.reason));
    signal.addEventListener('abort', giveUp, { once: true });
    void work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', giveUp));
  });
}
