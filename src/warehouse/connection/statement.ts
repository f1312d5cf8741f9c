import type { SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/postgres-js';

/** Builds statements; it has no connection. */
export const statements = drizzle.mock();

const dialect = new PgDialect();

/** Statements with their parameters as literals, as one message. */
export function inWords(list: readonly SQL[]): string {
  const text = list.map((statement) => dialect.sqlToQuery(statement.inlineParams()).sql).join(';\n');
  // It would end the message there.
  if (text.includes('\0')) throw new Error('a statement holds the character NUL');
  return text;
}

/** A name as SQL text wants it. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
