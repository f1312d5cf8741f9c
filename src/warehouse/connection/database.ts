import { sql, type SQL } from 'drizzle-orm';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import pLimit from 'p-limit';
import { ServerRefusedError } from '../../postgres/errors.ts';
import { askWhatBlocks, tellWhatBlocks } from './blocked.ts';
import { openConnection, type Connection, type ConnectionOptions, type Returned } from './connection.ts';
import { createPrologue, type Prologue } from './prologue.ts';
import { inWords } from './statement.ts';
import type { AnswerColumn, ReadRows } from './read-rows.ts';
import type { Transaction } from './transaction.ts';

export interface DatabaseOptions extends ConnectionOptions {
  /** The schema of the tables; null: whatever the role's `search_path` says. */
  readonly schema: string | null;
  readonly maxConnections: number;
  /** How long the database may take for one transaction before its connection is given up; a minute unless said otherwise. */
  readonly patienceMs?: number;
}

interface TransactionOptions {
  /** It has no time limit: it goes through a whole table, or waits for another process. */
  readonly unlimited?: boolean;
  /** It only reads, and all of it at one moment. */
  readonly snapshot?: boolean;
}

/** A pool of connections to one warehouse. */
export interface Database {
  readonly schema: string | null;
  /** @throws NoAnswerError when it takes too long. */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Several statements as one transaction in one round trip; they are known before the first of them runs.
   * @returns the rows of each statement that returns rows.
   * @throws NoAnswerError when it takes too long.
   */
  send(statements: readonly SQL[], options?: SendOptions): Promise<Returned>;
  /**
   * One statement that must not run in a transaction, on a connection of its own beside the pool. It finds nothing by a
   * `search_path` of ours.
   */
  alone(statement: string): Promise<void>;
  /** A statement of a person's in a transaction that cannot write. @returns its columns. */
  readRows(read: ReadRows): Promise<readonly AnswerColumn[]>;
  /** Waits for what is under way, at most five seconds unless told otherwise. */
  close(timeoutMs?: number): Promise<void>;
}

interface SendOptions {
  /** Whether the commit waits for the disk; it does unless said otherwise. */
  readonly flushed?: boolean;
}

const closeTimeoutMs = 5000;
export const defaultPatienceMs = 60_000;

/**
 * Opens a pool; connections are made on first use. Works behind a pooler in transaction mode: no session state, no
 * named prepared statements, `search_path` set per transaction.
 *
 * The pool is not the driver's own. That one lets a broken connection connect again for the next transaction while the
 * broken one's statements still come: they would run, and commit or roll back, inside a transaction of somebody else.
 * Here a connection whose transaction failed is never used again.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { schema, patienceMs = defaultPatienceMs } = options;
  const limit = pLimit(options.maxConnections);
  const connections = new Set<Connection>();
  const idle: Connection[] = [];
  const discard = (connection: Connection): void => {
    connections.delete(connection);
    // Its end is of no interest to anybody.
    connection.end(0).catch(() => undefined);
  };
  const connect = (): Connection => {
    const connection = openConnection(options);
    connections.add(connection);
    return connection;
  };
  const withConnection = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    const connection = takeUsable(idle, discard) ?? connect();
    try {
      const result = await work(connection);
      idle.push(connection);
      return result;
    } catch (error) {
      discard(connection);
      // Drizzle's wrapper quotes the whole statement with its parameters, a page of runs: no line for a log.
      throw error instanceof DrizzleQueryError && error.cause !== undefined ? error.cause : error;
    }
  };
  const prologue: Prologue = createPrologue(schema, patienceMs);
  let asking: Promise<string | null> | null = null;
  const whatBlocks = (): Promise<string | null> =>
    (asking ??= askWhatBlocks(openConnection(options), Math.ceil(patienceMs / 10)).finally(() => {
      asking = null;
    }));
  /** With `watched` the work has a time limit. */
  const run = async <T>(work: (connection: Connection) => Promise<T>, watched: boolean): Promise<T> => {
    const attempt = (): Promise<T> =>
      watched ? tellWhatBlocks(withConnection(work), patienceMs, whatBlocks) : withConnection(work);
    for (;;) {
      try {
        const result = await limit(attempt);
        if (limit.pendingCount === 0) limit.concurrency = options.maxConnections;
        return result;
      } catch (error) {
        if (!hasNoMoreConnections(error) || connections.size === 0) throw error;
        // The work has not begun, and waits for one of those that there are.
        limit.concurrency = connections.size;
      }
    }
  };
  return {
    schema,
    transaction: (work, { unlimited = false, snapshot = false } = {}) =>
      run(
        (connection) =>
          connection.transaction(
            async (tx) => {
              await tx.execute(sql.raw(prologue({ unlimited, snapshot })));
              return work(tx);
            },
            unlimited ? null : patienceMs,
          ),
        !unlimited,
      ),
    send: (statements, { flushed = true } = {}) =>
      run(
        (connection) =>
          connection.send(`${prologue({ unlimited: false, flushed })};\n${inWords(statements)}`, patienceMs),
        true,
      ),
    readRows: (read) => run((connection) => connection.readRows(prologue({ unlimited: true }), read), false),
    alone: async (statement) => {
      const connection = connect();
      try {
        await connection.alone(statement);
      } finally {
        discard(connection);
      }
    },
    close: async (timeoutMs = closeTimeoutMs) => {
      await Promise.all([...connections].map((connection) => connection.end(timeoutMs)));
    },
  };
}

function hasNoMoreConnections(error: unknown): boolean {
  return error instanceof ServerRefusedError && error.code === '53300';
}

function takeUsable(idle: Connection[], discard: (connection: Connection) => void): Connection | undefined {
  for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
    if (!connection.isClosed()) return connection;
    discard(connection);
  }
  return undefined;
}
