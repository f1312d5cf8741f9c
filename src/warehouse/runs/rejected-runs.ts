import { and, count, eq, isNull, sql, type SQL } from 'drizzle-orm';
import { toJsonText } from '../../sync/exact-number.ts';
import type { RejectedRun } from '../../sync/model.ts';
import { monitors, rejectedRuns } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';

/** Keeps what could not become a row; the newest payload and reason of a key stay. */
export function saveRejectedRuns(rejected: readonly RejectedRun[]): readonly SQL[] {
  const byKey = new Map(rejected.map((run) => [run.key, run]));
  if (byKey.size === 0) return [];
  // A JSON null is a payload too; a record set makes SQL's null of it.
  const statement = sql`
    insert into rejected_runs (monitor_id, run_key, reason, payload)
    select incoming."monitorId", incoming.key, incoming.reason, coalesce(incoming.payload, 'null')
    from json_to_recordset(${toJsonText([...byKey.values()])}::json)
      as incoming ("monitorId" text, key text, reason text, payload jsonb)
    on conflict (monitor_id, run_key) do update
    set reason = excluded.reason, payload = excluded.payload, rejected_at = now()`;
  return [statement];
}

/** Forgets rejections of runs that have been accepted since. */
export function clearRejectedRuns(monitorId: string, accepted: readonly string[]): readonly SQL[] {
  if (accepted.length === 0) return [];
  return [
    sql`delete from rejected_runs where monitor_id = ${monitorId} and run_key in (${textsOf(accepted)})`,
  ];
}

/**
 * Forgets rejections of runs that a list which was read whole does not show any more, or shows under another key. Not of
 * runs that are stored under another source: what came of them is rejected by the store, so no key of the list tells.
 */
export function clearOtherRejectedRuns(monitorId: string, keys: ReadonlySet<string>, sourceId: number): SQL {
  return sql`
    delete from rejected_runs
    where monitor_id = ${monitorId} and run_key not in (${textsOf([...keys])})
      and not exists (select from monitor_runs where id = run_key and source_id <> ${sourceId})`;
}

/** A subquery of texts. */
function textsOf(texts: readonly string[]): SQL {
  return sql`select json_array_elements_text(${JSON.stringify(texts)}::json)`;
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
