import { and, count, eq, isNull, sql, type SQL } from 'drizzle-orm';
import { toJsonText } from '../../sync/exact-number.ts';
import type { RejectedRun } from '../../sync/model.ts';
import { monitors, rejectedRuns } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';

/** Keeps what could not become a row; the newest payload and reason of a key stay. */
export async function saveRejectedRuns(tx: Transaction, rejected: readonly RejectedRun[]): Promise<void> {
  const byKey = new Map(rejected.map((run) => [run.key, run]));
  if (byKey.size === 0) return;
  await tx
    .insert(rejectedRuns)
    .select(
      // A JSON null is a payload too; a record set makes SQL's null of it.
      sql`select incoming."monitorId", incoming.key, incoming.reason, coalesce(incoming.payload, 'null'), now(), now()
        from json_to_recordset(${toJsonText([...byKey.values()])}::json)
          as incoming ("monitorId" text, key text, reason text, payload jsonb)`,
    )
    .onConflictDoUpdate({
      target: [rejectedRuns.monitorId, rejectedRuns.runKey],
      set: { reason: sql`excluded.reason`, payload: sql`excluded.payload`, rejectedAt: sql`now()` },
    });
}

/** Forgets rejections of runs that have been accepted since. */
export async function clearRejectedRuns(
  tx: Transaction,
  monitorId: string,
  accepted: readonly string[],
): Promise<void> {
  if (accepted.length === 0) return;
  await tx
    .delete(rejectedRuns)
    .where(and(eq(rejectedRuns.monitorId, monitorId), sql`${rejectedRuns.runKey} in (${textsOf(accepted)})`));
}

/** Forgets rejections of runs that a list which was read whole does not show any more, or shows under another key. */
export async function clearOtherRejectedRuns(
  tx: Transaction,
  monitorId: string,
  keys: ReadonlySet<string>,
): Promise<void> {
  await tx
    .delete(rejectedRuns)
    .where(
      and(eq(rejectedRuns.monitorId, monitorId), sql`${rejectedRuns.runKey} not in (${textsOf([...keys])})`),
    );
}

export async function loadMonitorsWithRejectedRuns(tx: Transaction): Promise<ReadonlySet<string>> {
  const rows = await tx.selectDistinct({ monitorId: rejectedRuns.monitorId }).from(rejectedRuns);
  return new Set(rows.map(({ monitorId }) => monitorId));
}

/** Rejected runs of a source's monitors that the API still has. */
export async function countRejectedRuns(tx: Transaction, sourceId: number): Promise<number> {
  const [row] = await tx
    .select({ runs: count() })
    .from(rejectedRuns)
    .innerJoin(monitors, eq(monitors.id, rejectedRuns.monitorId))
    .where(and(isNull(monitors.absentSince), eq(monitors.sourceId, sourceId)));
  return row?.runs ?? 0;
}

/** A subquery of texts, as one parameter: a statement has 65,534 at most, and a page may have more rows. */
function textsOf(texts: readonly string[]): SQL {
  return sql`select json_array_elements_text(${JSON.stringify(texts)}::json)`;
}
