import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';

/** Where statements run: always inside a transaction, so that `search_path` holds behind any connection pooler. */
export type Transaction = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0];
