import { sql } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';
import { sawAllMonitors } from '../cycle/whole-cycle.ts';

/** Rows that a pruning deleted. */
export interface Pruned {
  readonly cycles: number;
  readonly rejectedRuns: number;
}

/** Rows a statement: short transactions that hold nobody up. */
const batch = 1000;

/**
 * Deletes records of cycles that began before `cutoff` (RFC 3339, by the clock of the cycles), and rejected runs that
 * were not seen for `days` days (by the server's clock, which wrote them) and not met by a later walk over the whole
 * list: without such a walk they may still be there, unreadable. Run history is not touched. The last complete cycle
 * over all monitors stays whatever its age, because the next one is planned by it, and so does the last succeeded one.
 */
export async function pruneRecords(database: Database, cutoff: string, days: number): Promise<Pruned> {
  return {
    cycles: await deleteInBatches(
      database,
      sql`delete from sync_cycles where id in (
        select id from sync_cycles
        where started_at < ${cutoff}::timestamptz and status <> 'running'
          and id is distinct from (
            select id from sync_cycles where status in ('succeeded', 'partial') and ${sawAllMonitors}
            order by id desc limit 1)
          and id is distinct from (
            select id from sync_cycles where status = 'succeeded' and ${sawAllMonitors}
            order by id desc limit 1)
        order by started_at limit ${batch}) returning 1`,
    ),
    rejectedRuns: await deleteInBatches(
      database,
      sql`delete from rejected_runs where (monitor_id, run_key) in (
        select monitor_id, run_key from rejected_runs
        where rejected_at < now() - make_interval(days => ${days})
          and exists (
            select from sync_checkpoints checkpoints
            where checkpoints.monitor_id = rejected_runs.monitor_id
              and checkpoints.last_full_walk_at > rejected_runs.rejected_at)
        limit ${batch}) returning 1`,
    ),
  };
}

async function deleteInBatches(database: Database, statement: ReturnType<typeof sql>): Promise<number> {
  let deleted = 0;
  for (;;) {
    const rows = await database.transaction((tx) => tx.execute(statement));
    deleted += rows.length;
    if (rows.length < batch) return deleted;
  }
}
