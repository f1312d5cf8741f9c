import { sql } from 'drizzle-orm';
import type { OpenRun } from '../../sync/model.ts';
import type { OpenRunStates } from '../../sync/ports.ts';
import { loadPreviousCycleAt } from '../cycle/cycle-record.ts';
import { instantOf } from '../connection/instant.ts';
import { monitorRuns } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';

export async function loadOpenRunStates(tx: Transaction, sourceId: number): Promise<OpenRunStates> {
  return { openRuns: await loadOpenRuns(tx, sourceId), previousCycleAt: await loadPreviousCycleAt(tx) };
}

async function loadOpenRuns(
  tx: Transaction,
  sourceId: number,
): Promise<ReadonlyMap<string, readonly OpenRun[]>> {
  const rows = await tx
    .select({ id: monitorRuns.id, monitorId: monitorRuns.monitorId, createdAt: monitorRuns.createdAt })
    .from(monitorRuns)
    // Literals, as the partial index spells them: a parameter would hide the index from the planner.
    .where(
      sql`status not in ('completed', 'failed', 'canceled') and absent_since is null and source_id = ${sourceId}`,
    );
  const byMonitor = new Map<string, OpenRun[]>();
  for (const row of rows) {
    const run = { ...row, createdAt: instantOf(row.createdAt) };
    const others = byMonitor.get(run.monitorId);
    if (others === undefined) byMonitor.set(run.monitorId, [run]);
    else others.push(run);
  }
  return byMonitor;
}
