import { quoteIdentifier } from './statement.ts';

/** What every transaction begins with, as one message that returns no rows. */
export type Prologue = (wishes: {
  /** It may take as long as it likes. */
  readonly unlimited: boolean;
  /** Whether the commit waits for the disk. */
  readonly flushed?: boolean;
}) => string;

/**
 * Nothing here is left to what a server, a database or a role has as its default. Each statement has to see what was
 * committed before it: a lock is of no use to a transaction that goes on to read what was there before it waited. And
 * the server gives up before the client does, so that it says what it waited for.
 */
export function createPrologue(schema: string | null, patienceMs: number): Prologue {
  const searchPath = schema === null ? [] : [`set local search_path = ${quoteIdentifier(schema)}`];
  return ({ unlimited, flushed = true }) => {
    const waitMs = unlimited ? 0 : Math.ceil(patienceMs * 0.8);
    return [
      'set transaction isolation level read committed',
      ...searchPath,
      `set local lock_timeout = ${waitMs}`,
      `set local statement_timeout = ${waitMs}`,
      `set local idle_in_transaction_session_timeout = ${waitMs}`,
      ...(flushed ? [] : ['set local synchronous_commit = off']),
    ].join(';\n');
  };
}
