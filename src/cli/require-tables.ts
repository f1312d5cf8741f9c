import { loadPendingMigrations } from '../warehouse/migrate.ts';
import type { Database } from '../warehouse/database.ts';

/** Looking changes nothing, so missing tables are said, not made. */
export async function requireTables(database: Database): Promise<void> {
  const pending = await loadPendingMigrations(database);
  if (pending.length > 0) {
    throw new Error('the tables are missing or older than this version: run exa-monitor-sync migrate');
  }
}
