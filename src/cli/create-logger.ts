import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Config } from '../config/settings.ts';
import { describeInOneLine } from '../app/describe-in-one-line.ts';
import type { Redact } from '../app/redact.ts';
import type { Logger } from '../sync/logger.ts';
import type { Screen } from './terminal/screen.ts';

export type LogLevel = Config['logLevel'];

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly screen: Screen;
  readonly redact: Redact;
}

/** Levels at which an error is logged with its stack. */
export function showsStacks(level: LogLevel): boolean {
  return level === 'debug' || level === 'trace';
}

/** JSON lines for a log collector, readable lines on a terminal. Every line passes the redaction. */
export function createLogger({ level, screen, redact }: LoggerOptions): Logger {
  const format = screen.live ? createReadableFormat() : (line: string): string => line;
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => describeForLog(error, showsStacks(level)) },
    },
    { write: (line: string) => screen.print(redact(format(line))) },
  );
}

function createReadableFormat(): (line: string) => string {
  const format = prettyFactory({ colorize: false, translateTime: 'SYS:HH:MM:ss', singleLine: true });
  return (line) => format(line);
}

function describeForLog(error: unknown, withStack: boolean): object {
  const message = describeInOneLine(error);
  if (!(error instanceof Error)) return { message };
  return { type: error.name, message, ...(withStack ? { stack: error.stack } : {}) };
}
