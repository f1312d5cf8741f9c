import type { Logger } from 'pino';
import { migrateWarehouse } from '../warehouse/migrate.ts';
import { nameDatabaseFailures } from './database-failure.ts';
import type { Warehouse } from './open-warehouse.ts';

/** Brings the tables up to date and logs what that took. @returns the migrations applied. @throws DatabaseUnavailableError */
export async function bringUpToDate(
  { database, target }: Pick<Warehouse, 'database' | 'target'>,
  logger: Logger,
): Promise<readonly string[]> {
  const applied = await nameDatabaseFailures(target, () => migrateWarehouse(database));
  if (applied.length > 0) logger.info({ migrations: applied }, 'warehouse migrated');
  return applied;
}
