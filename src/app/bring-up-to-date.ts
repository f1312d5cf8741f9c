import type { Logger } from 'pino';
import { migrateWarehouse } from '../warehouse/upkeep/migrate.ts';
import { nameDatabaseFailures } from './database-failure.ts';
import type { Warehouse } from './open-warehouse.ts';
import { unlessInterrupted } from './unless-interrupted.ts';

/**
 * Brings the tables up to date and logs what that took. A signal ends it after whatever is complete by then.
 * @returns the migrations applied.
 * @throws DatabaseUnavailableError, InterruptedError
 */
export async function bringUpToDate(
  { database, target }: Pick<Warehouse, 'database' | 'target'>,
  logger: Logger,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const applied = await nameDatabaseFailures(target, () =>
    unlessInterrupted(signal, () => migrateWarehouse(database)),
  );
  if (applied.length > 0) logger.info({ migrations: applied }, 'warehouse migrated');
  return applied;
}
