import { sql, type SQL } from 'drizzle-orm';
import { earliest, latest, type Run } from '../../sync/model.ts';
import { onDaysOfSpan } from './days-of-span.ts';
import { createRecordSet } from './record-set.ts';
import { finalStatusList, monitorRuns } from '../schema.ts';

/** Runs with distinct ids that one answer of the API showed for one monitor. */
export interface RunsOfAnswer {
  readonly sourceId: number;
  readonly monitorId: string;
  /** What the answer is worth against others. */
  readonly rank: bigint;
  readonly runs: readonly Run[];
  /** Whether a final run may become open again by an older state; otherwise it is left as it is and named. */
  readonly mayReopen: boolean;
}

/** The columns that the API's answers fill, besides the id. */
const runContent = [
  'monitorId',
  'status',
  'type',
  'createdAt',
  'updatedAt',
  'startedAt',
  'completedAt',
  'failedAt',
  'failedReason',
  'canceledAt',
  'extra',
] as const satisfies readonly (keyof Run)[];

export const runRecords = createRecordSet(monitorRuns, runContent);

/**
 * What an answer is worth against another: the cycle first (one at a time, numbered by the database), then its ordinal
 * in the cycle.
 */
export function answerRank(cycleId: number, answer: number): bigint {
  return (BigInt(cycleId) << 32n) + BigInt(answer);
}

/**
 * Upserts the runs of an answer, of which there is at least one, and notes the changes of status. An older answer never
 * overwrites a newer one. A run of another source with the same id is never touched: the one that came goes to
 * `rejected_runs`. Returns one row with the numbers of runs that were `inserted` and `updated`, and of `foreign_runs`, and
 * the ids of those that would have been `reopened`.
 *
 * `stored`: what the warehouse has where the runs lie; a row with the same content lies there. It is read through the
 * index of monitor, day and creation time, and a subquery that the planner may not pull up (`offset 0`) keeps it from
 * reading the whole table while that is young. `fresh`: rows that would not change are filtered out before the insert: a
 * condition on the conflict clause alone would still lock each of them and write WAL for it. The conflict clause repeats
 * the comparison, for rows that changed or moved in between.
 */
export function upsertRuns({ sourceId, monitorId, rank, runs, mayReopen }: RunsOfAnswer): SQL {
  const times = runs.map(({ createdAt }) => createdAt);
  const oldest = sql`${times.reduce(earliest)}::timestamptz`;
  const newest = sql`${times.reduce(latest)}::timestamptz`;
  const answer = sql.raw(String(rank));
  return sql`
    with stored as materialized (
      select * from monitor_runs
      where monitor_id = ${monitorId} and created_at between ${oldest} and ${newest}
        and ${onDaysOfSpan(oldest, newest)}
      offset 0
    ), incoming as materialized (
      select * from ${runRecords.from(runs.map(withoutOutput))}
    ), fresh as materialized (
      select incoming.* from incoming left join stored on stored.id = incoming.id
      where stored.id is null
        or stored.answer <= ${answer} and (stored.absent_since is not null or ${runRecords.storedDiffers})
        and ${mayReopen ? sql`true` : sql`not ${reopens('stored', 'incoming', '"updatedAt"')}`}
    ), changed as (
      insert into monitor_runs (id, ${runRecords.names}, answer, source_id)
      select incoming.id, ${runRecords.incoming}, ${answer}, ${sourceId} from fresh incoming
      on conflict (id) do update
      set ${runRecords.set}, absent_since = null, changed_at = now(), answer = excluded.answer
      where monitor_runs.source_id = excluded.source_id and monitor_runs.answer <= excluded.answer
        and (monitor_runs.absent_since is not null or ${runRecords.targetDiffers})
        and ${mayReopen ? sql`true` : sql`not ${reopens('monitor_runs', 'excluded', 'updated_at')}`}
      returning id, monitor_id, status, updated_at, xmax = 0 as inserted,
        -- The statement's own changes are not visible to this query: it sees the row as it was before.
        case when xmax <> 0
          then (select before.status from monitor_runs before where before.id = monitor_runs.id) end as status_before
    ), moved as (
      -- The first sight of a run is a change while the run is open.
      insert into monitor_run_status_changes (run_id, monitor_id, from_status, to_status, changed_at, answer)
      select id, monitor_id, status_before, status, updated_at, ${answer} from changed
      where case when inserted then status not in ${finalStatusList} else status <> status_before end
    ), left_over as materialized (
      select * from fresh where id not in (select id from changed)
    ), foreign_runs as (
      insert into rejected_runs (monitor_id, run_key, reason, payload)
      select ${monitorId}, left_over.id,
        format('a run of source %s (%s of account %s) has this id, and this one comes from source %s (%s of account %s)',
          theirs.id, theirs.api, theirs.account, ours.id, ours.api, ours.account),
        to_jsonb(left_over)
      from left_over
      cross join lateral (
        select source_id from monitor_runs where id = left_over.id and source_id <> ${sourceId} offset 0
      ) holder
      join sync_sources theirs on theirs.id = holder.source_id
      join sync_sources ours on ours.id = ${sourceId}
      on conflict (monitor_id, run_key) do update
      set reason = excluded.reason, payload = excluded.payload, rejected_at = now()
      returning 1
    )
    select count(*) filter (where inserted)::integer as inserted,
      count(*) filter (where not inserted)::integer as updated,
      (select count(*) from foreign_runs)::integer as foreign_runs,
      ${mayReopen ? sql`null` : reopened(sourceId, answer)} as reopened
    from changed`;
}

/** Whether a final run of `stored` would become open again by an older state of `incoming`. */
function reopens(stored: string, incoming: string, updatedAt: string): SQL {
  const [was, comes] = [sql.raw(stored), sql.raw(incoming)];
  return sql`(${was}.status in ${finalStatusList}
    and ${comes}.status not in ${finalStatusList} and ${comes}.${sql.raw(updatedAt)} < ${was}.updated_at)`;
}

/** Looked up one by one, by id: as a join it would read the whole table while that is young. */
function reopened(sourceId: number, answer: SQL): SQL {
  return sql`(
    select json_agg(incoming.id) from incoming
    where incoming.status not in ${finalStatusList} and (
      select held.source_id = ${sourceId} and held.answer <= ${answer}
        and ${reopens('held', 'incoming', '"updatedAt"')}
      from monitor_runs held where held.id = incoming.id))`;
}

/** An output may be larger than all else of a run, and has a table of its own. */
function withoutOutput(run: Run): Run {
  return { ...run, output: null };
}
