import type { HttpGet } from '../exa/http/http-get.ts';
import type { Sleep } from '../exa/http/sleep.ts';
import type { Clock } from '../sync/ports.ts';

/** A person's or a service manager's wish that what runs ends. */
export interface Interruption {
  /** Aborts when the wish comes: finish what is at hand, then end. */
  readonly signal: AbortSignal;
}

/** Everything outside of the program that cycles and the service touch; whoever runs them passes the real things in. */
export interface Surroundings {
  /** Where relative paths begin. */
  readonly workingDirectory: string;
  readonly interruption: Interruption;
  /** For what is read from the API. */
  readonly get: HttpGet;
  /** For what is sent to a webhook. */
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly host: string;
  readonly pid: number;
}
