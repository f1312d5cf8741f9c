import { pino, type Logger } from 'pino';

/** A logger whose lines a test reads. */
export interface LoggedLines {
  readonly logger: Logger;
  readonly lines: { readonly level: string; readonly msg: string; readonly [field: string]: unknown }[];
}

export function createLoggedLines(): LoggedLines {
  const lines: LoggedLines['lines'] = [];
  const logger = pino(
    { level: 'debug', base: null, timestamp: false, formatters: { level: (label) => ({ level: label }) } },
    { write: (line: string) => lines.push(JSON.parse(line)) },
  );
  return { logger, lines };
}
