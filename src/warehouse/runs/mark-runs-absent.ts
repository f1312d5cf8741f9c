import { sql, type SQL } from 'drizzle-orm';

/** Marks stored runs of a monitor that the API no longer has, unless a later answer has shown them. */
export function markRunsAbsent(
  sourceId: number,
  monitorId: string,
  runIds: readonly string[],
  rank: bigint,
): SQL {
  return sql`
    update monitor_runs set absent_since = now(), changed_at = now()
    where id in (select json_array_elements_text(${JSON.stringify(runIds)}::json))
      and source_id = ${sourceId} and monitor_id = ${monitorId} and answer <= ${sql.raw(String(rank))}
      and absent_since is null`;
}
