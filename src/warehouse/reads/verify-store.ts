import { and, asc, eq, gt, isNull, lte, sql, type SQL } from 'drizzle-orm';
import type { StoredDifference, VerifyStore } from '../../sync/verify/verify-ports.ts';
import type { Database } from '../connection/database.ts';
import { monitorRuns, monitors } from '../schema.ts';
import { monitorRecords } from '../monitors/monitor-content.ts';
import type { RecordSet } from '../runs/record-set.ts';
import { runRecords } from '../runs/upsert-runs.ts';

/** What a verification of one source reads of a warehouse: the same comparison, column by column, that decides what a sync writes. */
export function createVerifyStore(database: Database, sourceId: number): VerifyStore {
  const compare = (set: RecordSet, table: SQL, records: readonly object[]) =>
    records.length === 0 ? Promise.resolve([]) : compareRecords(database, set, table, records);
  return {
    compareMonitors: (listed) => compare(monitorRecords, sql`monitors`, listed),
    compareRuns: (listed) => compare(runRecords, sql`monitor_runs`, listed),
    loadMonitorIds: () =>
      database.transaction(async (tx) => {
        const rows = await tx
          .select({ id: monitors.id })
          .from(monitors)
          .where(and(eq(monitors.sourceId, sourceId), isNull(monitors.absentSince)));
        return rows.map(({ id }) => id);
      }),
    loadRunIdsInSpan: (monitorId, { newest, oldest }) =>
      loadRunIds(database, [
        eq(monitorRuns.monitorId, monitorId),
        newest === null ? undefined : lte(monitorRuns.createdAt, newest),
        oldest === null ? undefined : gt(monitorRuns.createdAt, oldest),
      ]),
    loadRunIdsAfter: (monitorId, afterId, limit) =>
      loadRunIds(database, [eq(monitorRuns.monitorId, monitorId), gt(monitorRuns.id, afterId)], limit),
  };
}

async function compareRecords(
  database: Database,
  set: RecordSet,
  table: SQL,
  records: readonly object[],
): Promise<readonly StoredDifference[]> {
  const rows = await database.transaction((tx) =>
    tx.execute<{ id: string; columns: string[] | null }>(sql`
      select incoming.id, case when stored.id is not null then to_json(
        ${set.differingColumns} || case when stored.absent_since is null then '{}'::text[] else '{absent_since}' end
      ) end as columns
      from ${set.from(records)}
      left join ${table} stored on stored.id = incoming.id
      where stored.id is null or stored.absent_since is not null or ${set.storedDiffers}`),
  );
  return rows.map(({ id, columns }) => ({ id, columns }));
}

async function loadRunIds(
  database: Database,
  conditions: readonly (SQL | undefined)[],
  limit?: number,
): Promise<readonly string[]> {
  const rows = await database.transaction((tx) => {
    const query = tx
      .select({ id: monitorRuns.id })
      .from(monitorRuns)
      .where(and(...conditions, isNull(monitorRuns.absentSince)))
      .$dynamic();
    return limit === undefined ? query : query.orderBy(asc(monitorRuns.id)).limit(limit);
  });
  return rows.map(({ id }) => id);
}
