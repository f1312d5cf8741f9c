import { quoteIdentifier } from './statement.ts';

/**
 * The search path as it is, but with what Postgres brings in front: a database or a role may have it set otherwise. Where
 * no schema of the path exists it stays as it is.
 */
const catalogFirst = `do $path$ begin
  perform pg_catalog.set_config('search_path', path, true)
  from (
    select pg_catalog.string_agg(pg_catalog.quote_ident(name), ', ' order by place) as path
    from pg_catalog.unnest(pg_catalog.current_schemas(false)) with ordinality as found (name, place)
    where name operator(pg_catalog.<>) 'pg_catalog'
  ) as named
  where path is not null;
end $path$`;

/**
 * Of a transaction without a time limit. No setting of the server ends it, and when the client or its machine is gone the
 * server notices: by default that takes as long as the statement, or two hours. Not every version has each of them, and
 * on Windows the server cannot look after its client while it works.
 */
const untilClientIsGone = `select set_config(name, value, true) from pg_settings join (values
    ('transaction_timeout', '0'),
    ('client_connection_check_interval', '10000'),
    ('tcp_keepalives_idle', '30'),
    ('tcp_keepalives_interval', '10'),
    ('tcp_keepalives_count', '3'),
    ('tcp_user_timeout', '60000')
  ) wanted (name, value) using (name)
  where name <> 'client_connection_check_interval' or version() !~* 'windows|visual c|mingw'`;

/** What every transaction begins with, as one message; with a time limit it returns no rows. */
export type Prologue = (wishes: {
  /** It may take as long as it likes. */
  readonly unlimited: boolean;
  /** Whether the commit waits for the disk. */
  readonly flushed?: boolean;
  /** Whether it only reads, and all of it at one moment. */
  readonly snapshot?: boolean;
}) => string;

/**
 * Nothing here is left to what a server, a database or a role has as its default. Each statement has to see what was
 * committed before it: a lock is of no use to a transaction that goes on to read what was there before it waited. And
 * the server gives up before the client does, so that it says what it waited for.
 */
export function createPrologue(schema: string | null, patienceMs: number): Prologue {
  const searchPath = schema === null ? catalogFirst : `set local search_path = ${quoteIdentifier(schema)}`;
  return ({ unlimited, flushed = true, snapshot = false }) => {
    const waitMs = unlimited ? 0 : Math.ceil(patienceMs * 0.8);
    // Shorter than that for statements: what is waited for in vain is told from what takes long.
    const lockWaitMs = unlimited ? 0 : Math.ceil(patienceMs * 0.7);
    return [
      // Before anything that asks: after that Postgres refuses it.
      `set transaction isolation level ${snapshot ? 'repeatable read, read only' : 'read committed'}`,
      searchPath,
      `set local lock_timeout = ${lockWaitMs}`,
      `set local statement_timeout = ${waitMs}`,
      `set local idle_in_transaction_session_timeout = ${waitMs}`,
      ...(unlimited ? [untilClientIsGone] : []),
      ...(flushed ? [] : ['set local synchronous_commit = off']),
    ].join(';\n');
  };
}
