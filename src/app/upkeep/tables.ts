/** What work with a warehouse does first about its tables. */
import type { Logger } from '../../sync/logger.ts';
import { findMigrationState, migrateWarehouse, newerVersion } from '../../warehouse/upkeep/migrate.ts';
import type { Warehouse } from '../open-warehouse.ts';
import { letReaderRead } from './let-reader-read.ts';
import { unlessAborted } from '../../warehouse/connection/unless-aborted.ts';

/**
 * Brings the tables up to date and logs what that took. A signal ends it after whatever is complete by then.
 * @returns the migrations applied.
 */
export async function bringUpToDate(
  { database, readerUrl }: Pick<Warehouse, 'database' | 'readerUrl'>,
  logger: Logger,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const applied = await unlessAborted(signal, () => migrateWarehouse(database));
  if (applied.length > 0) {
    logger.info({ migrations: applied }, 'warehouse migrated');
    if (readerUrl !== null) await letReaderRead(database, readerUrl);
  }
  return applied;
}

/** For work that only looks: missing tables are said, not made, and of newer ones what this version knows is read. */
export async function requireTables(
  { database, place }: Pick<Warehouse, 'database' | 'place'>,
  logger: Logger,
): Promise<void> {
  const { pending, isNewer } = await findMigrationState(database);
  if (pending.length > 0) {
    throw new Error(
      `the tables in ${place} are missing or older than this version: run exa-monitor-sync migrate`,
    );
  }
  if (isNewer) logger.warn({}, `${newerVersion}: what this one knows of it is read`);
}
