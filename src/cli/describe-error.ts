import { CommanderError } from 'commander';
import { describeInOneLine, inOneLine } from '../app/describe-in-one-line.ts';
import { ConfigError } from '../config/parse-config.ts';
import { InterruptedError, LockHeldError } from '../sync/errors.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';

/** What a person reads about an error, and the exit code that it means. */
export interface ErrorDescription {
  readonly lines: readonly string[];
  readonly exitCode: ExitCode;
}

/** `interruptedBy`: the exit code of the signal that has come, if one has. */
export function describeError(error: unknown, interruptedBy: ExitCode | null): ErrorDescription {
  if (error instanceof CommanderError) return describeUsage(error);
  if (error instanceof ConfigError) return { lines: error.mistakes, exitCode: exitCodes.usage };
  const lines = [describeInOneLine(error)];
  if (error instanceof LockHeldError) return { lines, exitCode: exitCodes.lockHeld };
  if (error instanceof InterruptedError) return { lines, exitCode: interruptedBy ?? exitCodes.failed };
  return { lines, exitCode: exitCodes.failed };
}

/** Commander has shown help and version already. Of an unknown `--flag=value` only the flag is shown: it may be a key. */
function describeUsage(error: CommanderError): ErrorDescription {
  if (error.exitCode === 0) return { lines: [], exitCode: exitCodes.succeeded };
  if (error.code === 'commander.help') return { lines: [], exitCode: exitCodes.usage };
  const message = error.message
    .replace(/^error: /, '')
    .replace(/(unknown option '[^'=]*)=[^]*'/, "$1'")
    .replace(/\/\/[^/@\s]*@/g, '//***@');
  return { lines: [`${inOneLine(message)} (see --help)`], exitCode: exitCodes.usage };
}
