import { sql } from 'drizzle-orm';
import type { Checkpoint, RunState, UnfinishedWalk, WalkKind } from '../../sync/model.ts';
import { instantOfJson } from '../connection/instant.ts';
import type { Transaction } from '../connection/transaction.ts';

type RunStateRow = readonly [
  id: string | null,
  status: string | null,
  createdAt: string | null,
  updatedAt: string | null,
];

type WalkRow = readonly [
  kind: WalkKind,
  cursor: string,
  mark: string | null,
  stopAt: string | null,
  descending: boolean | null,
  oldestCreatedAt: string | null,
  newestRun: RunStateRow,
  pages: number | null,
  startedAt: string,
];

type CheckpointRow = readonly [
  monitorId: string,
  syncedThrough: string | null,
  lastFullWalkAt: string | null,
  newestRun: RunStateRow,
  nextRunAt: string | null,
  consecutiveFailures: number,
  walk: WalkRow | null,
];

/** Checkpoints that come as one value: every row and column costs the driver time, however little is in it. */
const perValue = 1000;

/** All checkpoints by monitor id. */
export async function loadCheckpoints(tx: Transaction): Promise<ReadonlyMap<string, Checkpoint>> {
  const values = await tx.execute<{ checkpoints: readonly CheckpointRow[] }>(sql`
    select json_agg(checkpoint) as checkpoints
    from (
      select (row_number() over () - 1) / ${sql.raw(String(perValue))} as value,
        json_build_array(
          monitor_id, synced_through, last_full_walk_at,
          json_build_array(newest_run_id, newest_run_status, newest_run_created_at, newest_run_updated_at),
          next_run_at, consecutive_failures,
          case when walk_kind is not null and walk_cursor is not null and walk_started_at is not null then
            json_build_array(
              walk_kind, walk_cursor, walk_mark, walk_stop_at, walk_descending, walk_oldest_created_at,
              json_build_array(
                walk_newest_run_id, walk_newest_run_status, walk_newest_run_created_at, walk_newest_run_updated_at),
              walk_pages, walk_started_at)
          end) as checkpoint
      from sync_checkpoints) numbered
    group by value`);
  const byMonitor = new Map<string, Checkpoint>();
  for (const { checkpoints } of values) {
    for (const row of checkpoints) byMonitor.set(row[0], checkpointOf(row));
  }
  return byMonitor;
}

function checkpointOf(row: CheckpointRow): Checkpoint {
  const [monitorId, syncedThrough, lastFullWalkAt, newestRun, nextRunAt, consecutiveFailures, walk] = row;
  return {
    monitorId,
    syncedThrough: instantOfJson(syncedThrough),
    unfinishedWalk: walk === null ? null : unfinishedWalkOf(walk),
    lastFullWalkAt: instantOfJson(lastFullWalkAt),
    newestRun: runStateOf(newestRun),
    nextRunAt: instantOfJson(nextRunAt),
    consecutiveFailures,
  };
}

function unfinishedWalkOf(row: WalkRow): UnfinishedWalk {
  const [kind, cursor, mark, stopAt, descending, oldestCreatedAt, newestRun, pages, startedAt] = row;
  return {
    kind,
    cursor,
    mark: instantOfJson(mark),
    stopAt: instantOfJson(stopAt),
    descending: descending ?? false,
    oldestCreatedAt: instantOfJson(oldestCreatedAt),
    newestRun: runStateOf(newestRun),
    pages: pages ?? 0,
    startedAt: instantOfJson(startedAt),
  };
}

function runStateOf([id, status, createdAt, updatedAt]: RunStateRow): RunState | null {
  if (id === null || status === null || createdAt === null || updatedAt === null) return null;
  return { id, status, createdAt: instantOfJson(createdAt), updatedAt: instantOfJson(updatedAt) };
}
