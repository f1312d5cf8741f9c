import type { HttpGet } from '../exa/http/http-get.ts';
import type { Sleep } from '../exa/http/sleep.ts';
import type { WebFetch } from '../schedule/alerts/webhook.ts';
import type { Clock } from '../sync/ports.ts';

/** Everything outside of the program that cycles and the service touch; whoever runs them passes the real things in. */
export interface Surroundings {
  /** Where relative paths begin. */
  readonly workingDirectory: string;
  /** Aborts on the wish that what runs ends: what is at hand is finished, nothing new is begun. */
  readonly signal: AbortSignal;
  /** For what is read from the API. */
  readonly get: HttpGet;
  /** For what is sent to a webhook. */
  readonly fetch: WebFetch;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly host: string;
  readonly pid: number;
}
