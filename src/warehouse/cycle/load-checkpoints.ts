import { sql } from 'drizzle-orm';
import type { Checkpoint } from '../../sync/model.ts';
import { instantOfJson } from '../connection/instant.ts';
import type { Transaction } from '../connection/transaction.ts';
import { parseRunIds, parseRunState, parseUnfinishedWalk } from './stored-checkpoint.ts';

type CheckpointRow = readonly [
  monitorId: string,
  syncedThrough: string | null,
  lastFullWalkAt: string | null,
  newestRun: unknown,
  nextRunAt: string | null,
  consecutiveFailures: number,
  unfinishedWalk: unknown,
  lastWalkAt: string | null,
  listRose: boolean,
  lookAgain: boolean,
  notFoundOnce: unknown,
];

/** Checkpoints that come as one value: every row and column costs the driver time, however little is in it. */
const perValue = 1000;

/** All checkpoints by monitor id. */
export async function loadCheckpoints(tx: Transaction): Promise<ReadonlyMap<string, Checkpoint>> {
  const values = await tx.execute<{ checkpoints: readonly CheckpointRow[] }>(sql`
    select json_agg(checkpoint) as checkpoints
    from (
      select (row_number() over () - 1) / ${sql.raw(String(perValue))} as value,
        json_build_array(monitor_id, synced_through, last_full_walk_at, newest_run, next_run_at,
          consecutive_failures, unfinished_walk, last_walk_at, list_rose, look_again, not_found_once) as checkpoint
      from sync_checkpoints) numbered
    group by value`);
  const byMonitor = new Map<string, Checkpoint>();
  for (const { checkpoints } of values) {
    for (const row of checkpoints) byMonitor.set(row[0], checkpointOf(row));
  }
  return byMonitor;
}

/**
 * Monitors whose checkpoint claims a newest run that is not in `monitor_runs`. A walk under way claims its own: so one
 * that reads again what is missing goes on after a stop. One look at an index a monitor, whatever the planner thinks of
 * the size of the table.
 */
export async function loadMonitorsWithMissingRows(tx: Transaction): Promise<ReadonlySet<string>> {
  const rows = await tx.execute<{ monitor_id: string }>(sql`
    select monitor_id
    from (
      select monitor_id, coalesce(unfinished_walk -> 'newestRun' ->> 'id', newest_run ->> 'id') as run_id
      from sync_checkpoints) claimed
    where run_id is not null and (select true from monitor_runs where id = run_id limit 1) is null`);
  return new Set(rows.map(({ monitor_id: monitorId }) => monitorId));
}

function checkpointOf(row: CheckpointRow): Checkpoint {
  const [
    monitorId,
    syncedThrough,
    lastFullWalkAt,
    newestRun,
    nextRunAt,
    consecutiveFailures,
    walk,
    ...doubts
  ] = row;
  const [lastWalkAt, rose, lookAgain, notFoundOnce] = doubts;
  return {
    monitorId,
    syncedThrough: instantOfJson(syncedThrough),
    unfinishedWalk: parseUnfinishedWalk(walk),
    lastFullWalkAt: instantOfJson(lastFullWalkAt),
    newestRun: parseRunState(newestRun),
    nextRunAt: instantOfJson(nextRunAt),
    lastWalkAt: instantOfJson(lastWalkAt),
    rose,
    lookAgain,
    notFoundOnce: parseRunIds(notFoundOnce),
    consecutiveFailures,
  };
}
