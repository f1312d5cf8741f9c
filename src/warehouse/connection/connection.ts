import { DrizzleQueryError } from 'drizzle-orm/errors';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type TransactionSql } from 'postgres';
import { createDriverOptions, type ConnectionTarget } from '../../postgres/driver-options.ts';
import { connectErrors, type ServerRefusedError } from '../../postgres/errors.ts';
import { withDeadline } from './deadline.ts';
import { readRows, type AnswerColumn, type ReadRows } from './read-rows.ts';
import type { Transaction } from './transaction.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface ConnectionOptions extends ConnectionTarget {
  /** How long one attempt to connect to one server may take. */
  readonly connectTimeoutMs?: number;
}

/** The rows of each statement that returns rows, in the order of the statements. */
export type Returned = readonly (readonly Record<string, unknown>[])[];

/** One connection, for one transaction at a time. After an error it is to be thrown away. */
export interface Connection {
  /** @throws NoAnswerError when it takes longer; null: it may take as long as it likes. */
  transaction<T>(work: (tx: Transaction) => Promise<T>, timeoutMs: number | null): Promise<T>;
  /**
   * A transaction of one message, so that it costs one round trip: several statements in one simple query are committed
   * together or not at all. The first of them returns no rows.
   */
  send(statements: string, timeoutMs: number): Promise<Returned>;
  /** One statement outside of a transaction, for as long as it takes. */
  alone(statement: string): Promise<void>;
  /** A statement that cannot write, after others that say where it looks. @returns its columns. */
  readRows(prologue: string, read: ReadRows): Promise<readonly AnswerColumn[]>;
  /** Whether the server, or something between, has closed it. */
  isClosed(): boolean;
  /** Waits at most `timeoutMs` for what is under way, then cuts the connection off. */
  end(timeoutMs: number): Promise<void>;
}

/** Of every session. */
const sessionParameters = {
  application_name: 'exa-monitor-sync',
  // Instants are read as Postgres prints them, and literals in statements are quoted as the standard has it: a database
  // or a role may have set both otherwise.
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  standard_conforming_strings: 'on',
};

/** A connection that is made with its first transaction. */
export function openConnection({ connectTimeoutMs = 10_000, ...target }: ConnectionOptions): Connection {
  let closed = false;
  let lastWords: ServerRefusedError | null = null;
  const ended = new AbortController();
  const client = postgres({
    ...createDriverOptions(target, {
      parameters: sessionParameters,
      connectTimeoutMs,
      signal: ended.signal,
      onFailed: () => giveUp(),
      onLastWords: (words) => {
        lastWords = words;
      },
    }),
    max: 1,
    connect_timeout: connectTimeoutMs / 1000,
    fetch_types: false,
    // By default the driver ends a connection after half an hour to an hour. It announces that nowhere, so a transaction
    // that begins before the socket is closed would fail.
    max_lifetime: null,
    idle_timeout: 0,
    // Drizzle sends unnamed statements anyway, but the driver's own COMMIT would be a named one. Behind a pooler the
    // name is unknown to the next server connection, the transaction fails on it, and the driver's second attempt at
    // the COMMIT is a ROLLBACK that looks like success.
    prepare: false,
    onnotice: () => undefined,
    onclose: () => {
      closed = true;
      giveUp();
    },
  });
  // An ended client refuses statements; one whose connection is gone would write them to a socket that is not there,
  // which throws where nobody can catch it and takes the process along (porsager/postgres #1208).
  const giveUp = (): void => {
    closed = true;
    ended.abort();
    client.end({ timeout: 0 }).catch(() => undefined);
  };
  const database: PostgresJsDatabase = drizzle(client);
  const connection = { isClosed: () => closed, giveUp };
  const beginToRead = async (run: (tx: TransactionSql) => Promise<readonly AnswerColumn[]>) => [
    ...(await client.begin(run)),
  ];
  /** The driver says that the connection was closed; the server may have said why. */
  const withReason = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw lastWords !== null && isEnd(error) ? lastWords : error;
    }
  };
  return {
    transaction: (work, timeoutMs) =>
      withReason(
        withDeadline(
          runTransaction((run) => database.transaction(run), work, connection),
          timeoutMs,
          giveUp,
        ),
      ),
    send: async (statements, timeoutMs) => {
      const sent = client.unsafe<Record<string, unknown>[][]>(statements);
      const [, ...returned] = await withReason(withDeadline(sent, timeoutMs, giveUp));
      return returned;
    },
    alone: async (statement) => {
      await withReason(client.unsafe(statement));
    },
    readRows: (prologue, read) => {
      const work = (tx: TransactionSql) => readRows(tx, prologue, read);
      // The driver's own way to cancel a statement needs a connection that it begins by itself: this one is given up.
      return withReason(
        unlessAborted(read.signal, () => runTransaction(beginToRead, work, connection), giveUp),
      );
    },
    isClosed: () => closed,
    end: async (timeoutMs) => {
      if (timeoutMs === 0) ended.abort();
      await client.end({ timeout: timeoutMs / 1000 });
      ended.abort();
    },
  };
}

async function runTransaction<Tx, T>(
  begin: (run: (tx: Tx) => Promise<T>) => Promise<T>,
  work: (tx: Tx) => Promise<T>,
  connection: { isClosed(): boolean; giveUp(): void },
): Promise<T> {
  let reason: unknown = null;
  try {
    return await begin(async (tx) => {
      try {
        return await work(tx);
      } catch (error) {
        if (!connection.isClosed() && !announcesTheEnd(error)) throw error;
        // Thrown on, it would make the driver send a ROLLBACK. There is nothing left to roll back: the end of the
        // connection rejects the transaction.
        reason = error;
        connection.giveUp();
        return await new Promise<never>(() => undefined);
      }
    });
  } catch (error) {
    throw reason ?? error;
  }
}

/** How the end of a connection shows: noticed by the driver, or by what it read or wrote next. */
const ends: ReadonlySet<unknown> = new Set([connectErrors.closed, 'ECONNRESET', 'EPIPE']);

function isEnd(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && ends.has(error.code)) || isEnd(error.cause);
}

/** After an error of these severities the server closes the connection. */
function announcesTheEnd(error: unknown): boolean {
  const cause = error instanceof DrizzleQueryError ? error.cause : error;
  return cause instanceof postgres.PostgresError && ['FATAL', 'PANIC'].includes(cause.severity);
}
