import { desc, eq, ne, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { instantOf } from './instant.ts';
import { monitorRuns, syncCycles } from './schema.ts';

/** How current the warehouse is. Instants are RFC 3339. */
export interface WarehouseHealth {
  /** When the last cycle ended that brought everything, by whichever process. */
  readonly lastSuccessAt: string | null;
  readonly lastCycle: { readonly status: string; readonly error: string | null } | null;
  /** Neither final nor absent. */
  readonly openRuns: number;
}

/** Cheap enough to be asked every few seconds: both tables are read by an index. */
export function loadHealth(database: Database): Promise<WarehouseHealth> {
  return database.transaction(async (tx) => {
    const [success] = await tx
      .select({ finishedAt: syncCycles.finishedAt })
      .from(syncCycles)
      .where(eq(syncCycles.status, 'succeeded'))
      .orderBy(desc(syncCycles.id))
      .limit(1);
    const [cycle] = await tx
      .select({ status: syncCycles.status, error: syncCycles.error })
      .from(syncCycles)
      .where(ne(syncCycles.status, 'running'))
      .orderBy(desc(syncCycles.id))
      .limit(1);
    const [open] = await tx
      .select({ runs: sql<string>`count(*)` })
      .from(monitorRuns)
      // Literals, as the partial index spells them.
      .where(sql`status not in ('completed', 'failed', 'canceled') and absent_since is null`);
    return {
      lastSuccessAt: instantOf(success?.finishedAt ?? null),
      lastCycle: cycle ?? null,
      openRuns: Number(open?.runs ?? 0),
    };
  });
}
