import { DrizzleQueryError } from 'drizzle-orm/errors';
import postgres from 'postgres';
import { ServerRefusedError } from '../postgres/errors.ts';

/**
 * An error's message as one line that is never empty. Drizzle's wrapper is taken off, since its message is the whole
 * statement with its parameters; an `AggregateError` (all addresses of a host failed) has no message of its own.
 */
export function describeInOneLine(error: unknown): string {
  if (error instanceof DrizzleQueryError && error.cause !== undefined) return describeInOneLine(error.cause);
  if (error instanceof AggregateError && error.message === '') {
    return [...new Set(error.errors.map(describeInOneLine))].join('; ');
  }
  if (error instanceof postgres.PostgresError || error instanceof ServerRefusedError)
    return `Postgres: ${inOneLine(error.message)} (${error.code})`;
  if (!(error instanceof Error)) return `unknown error: ${inOneLine(String(error))}`;
  return error.message === '' ? error.name : inOneLine(error.message);
}

export function inOneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
