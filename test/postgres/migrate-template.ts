import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { migrateWarehouse } from '../../src/warehouse/upkeep/migrate.ts';

/** Applies all migrations to the database that the tests' databases are cloned from. */
export async function migrateTemplate(url: string): Promise<void> {
  const database = openDatabase({ url, schema: null, maxConnections: 1 });
  try {
    await migrateWarehouse(database);
  } finally {
    await database.close();
  }
}
