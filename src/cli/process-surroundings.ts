import type { Surroundings } from '../app/surroundings.ts';
import type { SignalledInterruption } from './terminal/signals.ts';

/** Everything outside of the program that a command may touch; the entry passes the real things in. */
export interface ProcessSurroundings extends Surroundings {
  /** The arguments after the program's name. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where `.env` is looked for and relative paths begin. */
  readonly workingDirectory: string;
  /** Data. */
  readonly stdout: NodeJS.WriteStream;
  /** Logs, progress, errors. */
  readonly stderr: NodeJS.WriteStream;
  readonly interruption: SignalledInterruption;
}
