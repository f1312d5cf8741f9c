import { sql } from 'drizzle-orm';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';

/** Where statements run: always inside a transaction, so that `search_path` holds behind any connection pooler. */
export type Transaction = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0];

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** The schema of the tables; null: whatever the role's `search_path` says. */
  readonly schema: string | null;
  readonly maxConnections: number;
  /** How long one connection attempt may take. */
  readonly connectTimeoutMs?: number;
}

/** A pool of connections to one warehouse. */
export interface Database {
  readonly schema: string | null;
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Waits for what is under way, at most five seconds. */
  close(): Promise<void>;
}

/**
 * Opens a pool; connections are made on first use. Works behind a pooler in transaction mode: no session state, no
 * named prepared statements, `search_path` set per transaction.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const client = postgres(options.url, {
    max: options.maxConnections,
    connect_timeout: (options.connectTimeoutMs ?? 10_000) / 1000,
    fetch_types: false,
    // Drizzle sends unnamed statements anyway, but the driver's own COMMIT would be a named one. Behind a pooler the
    // name is unknown to the next server connection, the transaction fails on it, and the driver's second attempt at
    // the COMMIT is a ROLLBACK that looks like success.
    prepare: false,
    onnotice: () => undefined,
    connection: { application_name: 'exa-monitor-sync', TimeZone: 'UTC' },
  });
  const db = drizzle(client);
  const { schema } = options;
  return {
    schema,
    transaction: async (work) => {
      try {
        return await db.transaction(async (tx) => {
          if (schema !== null)
            await tx.execute(sql`select set_config('search_path', ${quoteIdentifier(schema)}, true)`);
          return work(tx);
        });
      } catch (error) {
        // Drizzle's wrapper quotes the whole statement with its parameters, a page of runs: no line for a log.
        throw error instanceof DrizzleQueryError && error.cause !== undefined ? error.cause : error;
      }
    },
    close: () => client.end({ timeout: 5 }),
  };
}

/** A name as SQL text wants it. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
