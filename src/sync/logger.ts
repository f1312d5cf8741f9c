/** Where the parts that run by themselves say what happens. A pino logger is one; a console with fields in front is, too. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** What belongs to a message; an error goes under `err`. */
type LogFields = object;

function ignore(): void {}

/** Says nothing. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
