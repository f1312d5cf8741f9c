import { and, desc, eq, ne, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import { instantOf } from '../connection/instant.ts';
import { isOpenRun, monitorRuns, syncCycles } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';
import { sawAllMonitors } from '../cycle/whole-cycle.ts';

/** How current the warehouse is. Instants are RFC 3339. */
export interface WarehouseHealth {
  /** When the last cycle ended that brought everything, by whichever process. */
  readonly lastSuccessAt: string | null;
  /** When the last cycle ended that read every monitor; runs that could not become rows may be in `rejected_runs`. */
  readonly lastReadAt: string | null;
  readonly lastCycle: { readonly status: string; readonly error: string | null } | null;
  /** Neither final nor absent. */
  readonly openRuns: number;
}

/** Cheap enough to be asked every few seconds: cycles and runs are read by an index, monitors are counted. */
export function loadHealth(database: Database): Promise<WarehouseHealth> {
  return database.transaction(async (tx) => {
    const lastSuccessAt = await loadLastEnd(tx, eq(syncCycles.status, 'succeeded'));
    const lastReadAt = await loadLastEnd(
      tx,
      sql`${syncCycles.status} in ('succeeded', 'partial') and ${syncCycles.monitorsFailed} = 0`,
    );
    const [cycle] = await tx
      .select({ status: syncCycles.status, error: syncCycles.error })
      .from(syncCycles)
      .where(ne(syncCycles.status, 'running'))
      .orderBy(desc(syncCycles.id))
      .limit(1);
    const [open] = await tx
      .select({ runs: sql<string>`count(*)` })
      .from(monitorRuns)
      .where(isOpenRun);
    return { lastSuccessAt, lastReadAt, lastCycle: cycle ?? null, openRuns: Number(open?.runs ?? 0) };
  });
}

/** When the newest cycle over all monitors of this kind ended. */
async function loadLastEnd(tx: Transaction, kind: SQL): Promise<string | null> {
  const [cycle] = await tx
    .select({ finishedAt: syncCycles.finishedAt })
    .from(syncCycles)
    .where(and(kind, sawAllMonitors))
    .orderBy(desc(syncCycles.id))
    .limit(1);
  return instantOf(cycle?.finishedAt ?? null);
}
