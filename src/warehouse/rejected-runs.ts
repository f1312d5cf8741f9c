import { and, count, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { RejectedRun } from '../sync/model.ts';
import { monitors, rejectedRuns } from './schema.ts';
import type { Transaction } from './transaction.ts';

/** Keeps what could not become a row; the newest payload and reason of a key stay. */
export async function saveRejectedRuns(tx: Transaction, rejected: readonly RejectedRun[]): Promise<void> {
  const byKey = new Map(rejected.map((run) => [run.key, run]));
  if (byKey.size === 0) return;
  await tx
    .insert(rejectedRuns)
    .values(
      [...byKey.values()].map(({ monitorId, key, reason, payload }) => ({
        monitorId,
        runKey: key,
        reason,
        // A JSON null is a payload too; Drizzle would store it as SQL's null.
        payload: sql`${JSON.stringify(payload)}::jsonb`,
      })),
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
    .where(and(eq(rejectedRuns.monitorId, monitorId), inArray(rejectedRuns.runKey, [...accepted])));
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
      and(
        eq(rejectedRuns.monitorId, monitorId),
        sql`${rejectedRuns.runKey} not in (select jsonb_array_elements_text(${JSON.stringify([...keys])}::jsonb))`,
      ),
    );
}

export async function loadMonitorsWithRejectedRuns(tx: Transaction): Promise<ReadonlySet<string>> {
  const rows = await tx.selectDistinct({ monitorId: rejectedRuns.monitorId }).from(rejectedRuns);
  return new Set(rows.map(({ monitorId }) => monitorId));
}

/** Rejected runs of monitors that the API still has. */
export async function countRejectedRuns(tx: Transaction): Promise<number> {
  const [row] = await tx
    .select({ runs: count() })
    .from(rejectedRuns)
    .innerJoin(monitors, eq(monitors.id, rejectedRuns.monitorId))
    .where(isNull(monitors.absentSince));
  return row?.runs ?? 0;
}
