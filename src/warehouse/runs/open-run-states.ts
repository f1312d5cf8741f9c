import { sql } from 'drizzle-orm';
import type { OpenRun } from '../../sync/model.ts';
import type { OpenRunStates } from '../../sync/ports.ts';
import { loadPreviousCycleAt } from '../cycle/cycle-record.ts';
import { instantOf } from '../connection/instant.ts';
import { finalStatusList, monitorRuns } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';

export async function loadOpenRunStates(tx: Transaction, sourceId: number): Promise<OpenRunStates> {
  return {
    openRuns: await loadOpenRuns(tx, sourceId),
    previousCycleAt: await loadPreviousCycleAt(tx, sourceId),
  };
}

async function loadOpenRuns(
  tx: Transaction,
  sourceId: number,
): Promise<ReadonlyMap<string, readonly OpenRun[]>> {
  const byMonitor = new Map<string, OpenRun[]>();
  // One index for each: a condition that fits both would read the whole table.
  for (const isAbsent of [false, true]) {
    for (const run of await loadRunsWithoutEnd(tx, sourceId, isAbsent)) {
      const others = byMonitor.get(run.monitorId);
      if (others === undefined) byMonitor.set(run.monitorId, [run]);
      else others.push(run);
    }
  }
  return byMonitor;
}

async function loadRunsWithoutEnd(
  tx: Transaction,
  sourceId: number,
  isAbsent: boolean,
): Promise<readonly OpenRun[]> {
  const rows = await tx
    .select({
      id: monitorRuns.id,
      monitorId: monitorRuns.monitorId,
      createdAt: monitorRuns.createdAt,
      updatedAt: monitorRuns.updatedAt,
      finishedAt: monitorRuns.finishedAt,
      absentSince: monitorRuns.absentSince,
    })
    .from(monitorRuns)
    .where(
      sql`status not in ${finalStatusList}
        and absent_since is ${sql.raw(isAbsent ? 'not null' : 'null')} and source_id = ${sourceId}`,
    );
  return rows.map(({ createdAt, updatedAt, finishedAt, absentSince, ...run }) => ({
    ...run,
    createdAt: instantOf(createdAt),
    updatedAt: instantOf(updatedAt),
    hasEnded: finishedAt !== null,
    absentSince: absentSince === null ? null : instantOf(absentSince),
  }));
}
