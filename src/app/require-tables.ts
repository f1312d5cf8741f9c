import type { Logger } from 'pino';
import { findMigrationState, newerVersion } from '../warehouse/upkeep/migrate.ts';
import type { Warehouse } from './open-warehouse.ts';

/** For commands that only look: missing tables are said, not made, and of newer ones what this version knows is read. */
export async function requireTables(
  { database }: Pick<Warehouse, 'database'>,
  logger: Logger,
): Promise<void> {
  const { pending, isNewer } = await findMigrationState(database);
  if (pending.length > 0) {
    throw new Error('the tables are missing or older than this version: run exa-monitor-sync migrate');
  }
  if (isNewer) logger.warn(`${newerVersion}: what this one knows of it is read`);
}
