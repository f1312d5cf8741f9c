import { setTimeout as delay } from 'node:timers/promises';

/** Resolves after `ms` milliseconds, or as soon as the signal aborts. Never rejects: who sleeps looks at the signal. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** The real `Sleep`. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
