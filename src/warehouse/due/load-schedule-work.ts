import { sql } from 'drizzle-orm';
import type { ScheduleWork } from '../../sync/due/due-store.ts';
import type { JsonObject } from '../../sync/model.ts';
import { instantOf } from '../connection/instant.ts';
import type { Transaction } from '../connection/transaction.ts';

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly is_active: boolean;
  readonly cadence_cron: string | null;
  readonly cadence_timezone: string | null;
  readonly trigger: JsonObject | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly schedule_key: string;
  readonly is_covered: boolean;
  readonly kept_key: string | null;
  readonly kept_since: string | null;
  readonly kept_due_at: string | null;
}

/**
 * To find the due times of a schedule that no other monitor has takes up to some tens of milliseconds: of thousands of
 * new monitors, these are seen to in one cycle and the others in the next ones.
 */
const mostAtOnce = 500;

/**
 * Monitors with a schedule that is new or has changed, absent ones too, and those with a due time at or before `dueBy`:
 * the first of them that can be judged.
 */
export async function loadScheduleWork(
  tx: Transaction,
  sourceId: number,
  dueBy: string,
): Promise<readonly ScheduleWork[]> {
  const rows = await tx.execute<Row>(sql`
    select listed.id, is_active, cadence_cron, cadence_timezone, trigger, created_at::text, updated_at::text,
      listed.schedule_key,
      checkpoints.last_full_walk_at is not null and checkpoints.unfinished_walk is null
        and checkpoints.consecutive_failures = 0 as is_covered,
      kept.schedule_key as kept_key, kept.known_since::text as kept_since, kept.next_due_at::text as kept_due_at
    from (
      select *, row(is_active, cadence_cron, cadence_timezone, trigger)::text as schedule_key
      from (
        select *, status in ('enabled', 'active') and absent_since is null as is_active
        from monitors where source_id = ${sourceId}
      ) of_source
    ) listed
    left join monitor_schedules kept on kept.monitor_id = listed.id
    left join sync_checkpoints checkpoints on checkpoints.monitor_id = listed.id
    where kept.monitor_id is null or kept.schedule_key <> listed.schedule_key
      or listed.updated_at > kept.known_since or kept.next_due_at <= ${dueBy}::timestamptz
    order by is_covered desc, kept.next_due_at nulls last, listed.id
    limit ${mostAtOnce}`);
  return rows.map(scheduleWorkOf);
}

function scheduleWorkOf(row: Row): ScheduleWork {
  return {
    id: row.id,
    isActive: row.is_active,
    cadenceCron: row.cadence_cron,
    cadenceTimezone: row.cadence_timezone,
    trigger: row.trigger,
    createdAt: instantOf(row.created_at),
    updatedAt: instantOf(row.updated_at),
    scheduleKey: row.schedule_key,
    isCovered: row.is_covered,
    kept:
      row.kept_key === null || row.kept_since === null
        ? null
        : {
            scheduleKey: row.kept_key,
            knownSince: instantOf(row.kept_since),
            nextDueAt: instantOf(row.kept_due_at),
          },
  };
}
