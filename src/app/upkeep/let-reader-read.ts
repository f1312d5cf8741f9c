import { sql } from 'drizzle-orm';
import type { Database } from '../../warehouse/connection/database.ts';
import { grantReadOnly } from '../../warehouse/upkeep/grant-read-only.ts';

/**
 * Lets the embedded server's role for BI tools read the tables, once there are any. Later migrations extend what it may read
 * by themselves.
 */
export async function letReaderRead(database: Database, readerUrl: string): Promise<void> {
  const [row] = await database.transaction((tx) =>
    tx.execute<{ there: boolean }>(sql`select to_regclass('monitor_runs') is not null as there`),
  );
  if (row?.there !== true) return;
  await grantReadOnly(database, { role: new URL(readerUrl).username, password: null });
}
