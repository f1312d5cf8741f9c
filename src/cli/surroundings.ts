import type { HttpGet } from '../exa/http-get.ts';
import type { Sleep } from '../exa/sleep.ts';
import type { Clock } from '../sync/ports.ts';
import type { Interruption } from './signals.ts';

/** Everything outside of the program that a command may touch; the entry passes the real things in. */
export interface Surroundings {
  /** The arguments after the program's name. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where `.env` is looked for and relative paths begin. */
  readonly workingDirectory: string;
  /** Data. */
  readonly stdout: NodeJS.WriteStream;
  /** Logs, progress, errors. */
  readonly stderr: NodeJS.WriteStream;
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
