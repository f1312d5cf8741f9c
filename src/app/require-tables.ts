import { loadPendingMigrations } from '../warehouse/upkeep/migrate.ts';
import type { Warehouse } from './open-warehouse.ts';

/** For commands that only look: missing tables are said, not made. */
export async function requireTables({ database }: Pick<Warehouse, 'database'>): Promise<void> {
  const pending = await loadPendingMigrations(database);
  if (pending.length > 0) {
    throw new Error('the tables are missing or older than this version: run exa-monitor-sync migrate');
  }
}
