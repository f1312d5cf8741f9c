import { sql, type SQL } from 'drizzle-orm';
import type { Monitor } from '../../sync/model.ts';
import { monitorRecords } from './monitor-content.ts';

/**
 * Upserts monitors with distinct ids; unchanged ones are not touched, neither are those of another source. Returns the
 * latter, each as `id` with the `source_id`, `account` and `api` that it is stored under.
 */
export function upsertMonitors(listed: readonly Monitor[], sourceId: number): SQL {
  return sql`
    with fresh as materialized (
      select incoming.* from ${monitorRecords.from(listed)}
      left join monitors stored on stored.id = incoming.id
      where stored.id is null or stored.absent_since is not null or stored.source_id <> ${sourceId}
        or ${monitorRecords.storedDiffers}
    ), changed as (
      insert into monitors (id, ${monitorRecords.names}, source_id)
      select incoming.id, ${monitorRecords.incoming}, ${sourceId} from fresh incoming
      on conflict (id) do update set ${monitorRecords.set}, absent_since = null, changed_at = now()
      where monitors.source_id = excluded.source_id
      returning id
    )
    select stored.id, stored.source_id, sync_sources.account, sync_sources.api
    from fresh
    join monitors stored on stored.id = fresh.id and stored.source_id <> ${sourceId}
    join sync_sources on sync_sources.id = stored.source_id
    where fresh.id not in (select id from changed)`;
}

/** Marks monitors of a source that its listing lacks; those of other sources stay as they are. */
export function markMonitorsAbsent(monitorIds: readonly string[], sourceId: number): SQL {
  return sql`
    update monitors set absent_since = now(), changed_at = now()
    where id in (select json_array_elements_text(${JSON.stringify(monitorIds)}::json))
      and source_id = ${sourceId} and absent_since is null`;
}
