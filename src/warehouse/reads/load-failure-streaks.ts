import { sql } from 'drizzle-orm';
import type { Database } from '../connection/database.ts';

/** A monitor whose newest ended runs have all failed. */
export interface FailureStreak {
  readonly monitorId: string;
  /** Account and API, such as `default/websets`. */
  readonly source: string;
  /** The run that began the streak, which identifies it. */
  readonly firstRunId: string;
  readonly failedRuns: number;
  /** Of the newest run. */
  readonly reason: string | null;
}

/**
 * Streaks of failed runs that became `atLeast` long after cycle `afterCycle`, longest first. Open runs are not counted,
 * canceled ones neither, and a completed one ends a streak. When a row got its content is told by the cycle in its
 * `answer`, which no clock can confuse; so nothing has to be stored about which streaks are known.
 */
export function loadNewFailureStreaks(
  database: Database,
  { atLeast, afterCycle }: { readonly atLeast: number; readonly afterCycle: number },
): Promise<readonly FailureStreak[]> {
  return database.transaction(async (tx) => {
    const rows = await tx.execute<{
      monitor_id: string;
      source: string;
      first_run_id: string;
      failed_runs: string;
      reason: string | null;
    }>(sql`
      select m.id as monitor_id, sources.account || '/' || sources.api as source, streak.first_run_id, streak.failed_runs::text, streak.reason
      from monitors m
      join sync_sources sources on sources.id = m.source_id
      cross join lateral (
        -- A cheap look first: most monitors have a completed run among their newest.
        select count(*) filter (where status = 'failed') as failed
        from (
          select status from monitor_runs
          where monitor_id = m.id and absent_since is null and status in ('completed', 'failed')
          order by created_at desc limit ${atLeast}) newest
      ) look
      cross join lateral (
        select (array_agg(id order by created_at, id))[1] as first_run_id,
               (array_agg(answer order by created_at, id))[${atLeast}::int] as answer,
               (array_agg(failed_reason order by created_at desc, id desc))[1] as reason,
               count(*) as failed_runs
        from monitor_runs r
        where r.monitor_id = m.id and r.absent_since is null and r.status = 'failed'
          and r.created_at > coalesce((
            select c.created_at from monitor_runs c
            where c.monitor_id = m.id and c.absent_since is null and c.status = 'completed'
            order by c.created_at desc limit 1), '-infinity')
      ) streak
      where m.absent_since is null and look.failed = ${atLeast} and streak.failed_runs >= ${atLeast}
        and streak.answer >= (${afterCycle}::bigint + 1) * 4294967296
      order by streak.failed_runs desc, m.id`);
    return rows.map((row) => ({
      monitorId: row.monitor_id,
      source: row.source,
      firstRunId: row.first_run_id,
      failedRuns: Number(row.failed_runs),
      reason: row.reason,
    }));
  });
}
