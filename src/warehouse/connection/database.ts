import { sql } from 'drizzle-orm';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import pLimit from 'p-limit';
import { openConnection, type Connection, type ConnectionOptions } from './connection.ts';
import { CopyRefusedError, type CopyIn } from './copy-in.ts';
import type { Transaction } from './transaction.ts';

export interface DatabaseOptions extends ConnectionOptions {
  /** The schema of the tables; null: whatever the role's `search_path` says. */
  readonly schema: string | null;
  readonly maxConnections: number;
}

/** A pool of connections to one warehouse. */
export interface Database {
  readonly schema: string | null;
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * One statement that must not run in a transaction, on a connection of its own beside the pool. It finds nothing by a
   * `search_path` of ours.
   */
  alone(statement: string): Promise<void>;
  /** @throws CopyRefusedError */
  copyIn(copy: CopyIn): Promise<void>;
  /** Waits for what is under way, at most five seconds unless told otherwise. */
  close(timeoutMs?: number): Promise<void>;
}

const closeTimeoutMs = 5000;

/**
 * Opens a pool; connections are made on first use. Works behind a pooler in transaction mode: no session state, no
 * named prepared statements, `search_path` set per transaction.
 *
 * The pool is not the driver's own. That one lets a broken connection connect again for the next transaction while the
 * broken one's statements still come: they would run, and commit or roll back, inside a transaction of somebody else.
 * Here a connection whose transaction failed is never used again.
 */
export function openDatabase(options: DatabaseOptions): Database {
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
      if (error instanceof CopyRefusedError) idle.push(connection);
      else discard(connection);
      // Drizzle's wrapper quotes the whole statement with its parameters, a page of runs: no line for a log.
      throw error instanceof DrizzleQueryError && error.cause !== undefined ? error.cause : error;
    }
  };
  const { schema } = options;
  return {
    schema,
    transaction: (work) =>
      limit(() => withConnection((connection) => connection.transaction((tx) => inSchema(tx, schema, work)))),
    alone: async (statement) => {
      const connection = connect();
      try {
        await connection.alone(statement);
      } finally {
        discard(connection);
      }
    },
    copyIn: ({ prologue, ...copy }) =>
      limit(() =>
        withConnection((connection) =>
          connection.copyIn({ ...copy, prologue: [...searchIn(schema), ...prologue] }),
        ),
      ),
    close: async (timeoutMs = closeTimeoutMs) => {
      await Promise.all([...connections].map((connection) => connection.end(timeoutMs)));
    },
  };
}

function takeUsable(idle: Connection[], discard: (connection: Connection) => void): Connection | undefined {
  for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
    if (!connection.isClosed()) return connection;
    discard(connection);
  }
  return undefined;
}

async function inSchema<T>(
  tx: Transaction,
  schema: string | null,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  for (const statement of searchIn(schema)) await tx.execute(sql.raw(statement));
  return work(tx);
}

/** What a transaction begins with, to find the tables. */
function searchIn(schema: string | null): readonly string[] {
  return schema === null ? [] : [`set local search_path = ${quoteIdentifier(schema)}`];
}

/** A name as SQL text wants it. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
