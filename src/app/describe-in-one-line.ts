import postgres from 'postgres';
import { ServerRefusedError } from '../postgres/errors.ts';
import { toError } from '../sync/errors.ts';

/** An error's message as one line that is never empty. */
export function describeInOneLine(error: unknown): string {
  if (error instanceof postgres.PostgresError || error instanceof ServerRefusedError)
    return `Postgres: ${inOneLine(error.message)} (${error.code})`;
  const { name, message } = toError(error);
  return message === '' ? name : inOneLine(message);
}

export function inOneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
