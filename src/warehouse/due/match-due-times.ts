import { sql, type SQL } from 'drizzle-orm';
import type { DueTime } from '../../sync/due/due-store.ts';
import type { Transaction } from '../connection/transaction.ts';
import { onDaysOfSpan } from '../runs/days-of-span.ts';

interface MonitorDueTime extends DueTime {
  readonly monitorId: string;
}

/** How much before its time a scheduled run may say that it was created: ten minutes, or half the time to the next. */
const early = sql`least(interval '10 minutes', (due.next_due_at - due.due_at) / 2)`;
const from = sql`(due.due_at - ${early})`;
const until = sql`(due.next_due_at - ${early})`;

/** Lateral to `due`: the first run that came for a due time, before one could have come for the next. */
const firstRun: SQL = sql`lateral (
  select id, created_at from monitor_runs
  where monitor_id = due.monitor_id and ${onDaysOfSpan(from, until)} and created_at >= ${from} and created_at < ${until}
  order by (created_at at time zone 'UTC')::date, created_at, id limit 1) run`;

const lateBy = sql`extract(epoch from run.created_at - due.due_at)::double precision`;

/** Keeps those of the due times to which no run came in time. */
export async function matchDueTimes(
  tx: Transaction,
  dueTimes: readonly MonitorDueTime[],
  noticedAt: string,
): Promise<void> {
  await tx.execute(sql`
    insert into missed_runs (
      monitor_id, due_at, next_due_at, in_time_until, noticed_at, late_run_id, late_by_seconds)
    select due.monitor_id, due.due_at, due.next_due_at, due.in_time_until, ${noticedAt}::timestamptz, run.id, ${lateBy}
    from (
      select "monitorId" as monitor_id, "dueAt" as due_at, "nextDueAt" as next_due_at, "inTimeUntil" as in_time_until
      from json_to_recordset(${JSON.stringify(dueTimes)}::json) as incoming (
        "monitorId" text, "dueAt" timestamptz, "nextDueAt" timestamptz, "inTimeUntil" timestamptz)
    ) due
    left join ${firstRun} on true
    where run.id is null or run.created_at > due.in_time_until
    on conflict (monitor_id, due_at) do nothing`);
}

/** Runs that have appeared since take rows away or make them late. */
export async function rematchMissedRuns(tx: Transaction, monitorIds: readonly string[]): Promise<void> {
  await tx.execute(sql`
    with matched as (
      select due.monitor_id, due.due_at, due.in_time_until, run.id as run_id, run.created_at as came_at,
        ${lateBy} as late_by
      from json_array_elements_text(${JSON.stringify(monitorIds)}::json) walked (monitor_id)
      join missed_runs due on due.monitor_id = walked.monitor_id
      left join ${firstRun} on true
      where run.id is distinct from due.late_run_id or ${lateBy} is distinct from due.late_by_seconds
    ),
    came_in_time as (
      delete from missed_runs using matched
      where missed_runs.monitor_id = matched.monitor_id and missed_runs.due_at = matched.due_at
        and matched.came_at <= matched.in_time_until
    )
    update missed_runs set late_run_id = matched.run_id, late_by_seconds = matched.late_by
    from matched
    where missed_runs.monitor_id = matched.monitor_id and missed_runs.due_at = matched.due_at
      and (matched.came_at is null or matched.came_at > matched.in_time_until)`);
}
