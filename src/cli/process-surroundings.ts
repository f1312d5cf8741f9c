import type { Surroundings } from '../app/surroundings.ts';
import type { ExitCode } from './exit-codes.ts';

/** Everything outside of the program that a command may touch; the entry passes the real things in. */
export interface ProcessSurroundings extends Surroundings {
  /** The arguments after the program's name. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where `.env` is looked for and relative paths begin. */
  readonly workingDirectory: string;
  /** What a command may be asked to read. */
  readonly stdin: NodeJS.ReadStream;
  /** Data. */
  readonly stdout: NodeJS.WriteStream;
  /** Logs, progress, errors. */
  readonly stderr: NodeJS.WriteStream;
  /** The exit code of the signal that has come; null before one has. */
  readonly interruptedBy: () => ExitCode | null;
}
