import { sql, type SQL } from 'drizzle-orm';
import { instantOf } from '../connection/instant.ts';
import type { Transaction } from '../connection/transaction.ts';
import { isOpenRun } from '../schema.ts';

export interface OpenRunRow {
  readonly monitorId: string;
  readonly runId: string;
  readonly status: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** Open for so long that it will hardly end by itself. */
  readonly stuck: boolean;
}

/** Open runs, oldest first. Those created before `stuckBefore` (RFC 3339) count as stuck. */
export async function loadOpenRuns(
  tx: Transaction,
  {
    stuckBefore,
    limit,
    where = sql`true`,
  }: { readonly stuckBefore: string; readonly limit: number; readonly where?: SQL | undefined },
): Promise<readonly OpenRunRow[]> {
  const rows = await tx.execute<{
    monitor_id: string;
    id: string;
    status: string;
    created_at: string;
    stuck: boolean;
  }>(sql`
    select monitor_id, id, status, created_at::text, created_at < ${stuckBefore}::timestamptz as stuck
    from monitor_runs
    where ${isOpenRun} and ${where}
    order by created_at, id limit ${limit}`);
  return rows.map((row) => ({
    monitorId: row.monitor_id,
    runId: row.id,
    status: row.status,
    createdAt: instantOf(row.created_at),
    stuck: row.stuck,
  }));
}
