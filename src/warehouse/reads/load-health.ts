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
  /** Every source that was ever read or tried. */
  readonly sources: readonly SourceHealth[];
  /** Neither final nor absent. */
  readonly openRuns: number;
}

interface SourceHealth {
  readonly account: string;
  readonly api: string;
  /** When the last cycle ended that read every monitor of the source. */
  readonly lastReadAt: string | null;
  /** The plan of the account does not include this API. */
  readonly isUnavailable: boolean;
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
    const sources = await loadSources(tx);
    const openRuns = Number(open?.runs ?? 0);
    return { lastSuccessAt, lastReadAt, lastCycle: cycle ?? null, sources, openRuns };
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

async function loadSources(tx: Transaction): Promise<readonly SourceHealth[]> {
  const rows = await tx.execute<{
    account: string;
    api: string;
    unavailable: boolean;
    last_read_at: string | null;
  }>(sql`
    select account, api, unavailable_since is not null as unavailable, (
      select cycles.finished_at::text
      from sync_cycle_sources ended join sync_cycles cycles on cycles.id = ended.cycle_id
      where ended.source_id = sources.id and ended.status in ('succeeded', 'partial') and ended.monitors_failed = 0
        and ended.monitors_seen >= (
          select count(*) from monitors
          where monitors.source_id = sources.id and first_synced_at <= cycles.finished_at
            and (absent_since is null or absent_since > cycles.finished_at))
      order by ended.cycle_id desc limit 1
    ) as last_read_at
    from sync_sources sources
    order by id`);
  return rows.map(({ account, api, unavailable, last_read_at: at }) => ({
    account,
    api,
    lastReadAt: instantOf(at),
    isUnavailable: unavailable,
  }));
}
