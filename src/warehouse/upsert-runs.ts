import { and, inArray, isNull, sql, type SQL } from 'drizzle-orm';
import { isFinal, type Run } from '../sync/model.ts';
import type { RunCounts } from '../sync/ports.ts';
import type { Transaction } from './database.ts';
import { createRecordSet } from './record-set.ts';
import { monitorRuns, monitorRunStatusChanges } from './schema.ts';

/** What an answer is worth against another: the cycle first (one at a time, numbered by the database), then its ordinal. */
export function answerNumber(cycleId: number, ordinal: number): SQL {
  return sql`(${cycleId}::bigint << 32) + ${ordinal}::bigint`;
}

export const runRecords = createRecordSet(monitorRuns, {
  monitorId: 'text',
  status: 'text',
  type: 'text',
  createdAt: 'timestamptz',
  updatedAt: 'timestamptz',
  completedAt: 'timestamptz',
  failedAt: 'timestamptz',
  failedReason: 'text',
  canceledAt: 'timestamptz',
  extra: 'jsonb',
});

/**
 * Upserts runs with distinct ids, all of one answer. Rows that would not change are filtered out by the join before the
 * insert: a condition on the conflict clause alone would still lock each of them and write WAL for it. The conflict
 * clause repeats the comparison for rows that changed in between. An older answer never overwrites a newer one.
 */
export async function upsertRuns(tx: Transaction, runs: readonly Run[], answer: SQL): Promise<RunCounts> {
  if (runs.length === 0) return { inserted: 0, updated: 0, unchanged: 0 };
  const changed = await tx
    .insert(monitorRuns)
    .select(
      sql`select incoming.id, ${runRecords.incoming}, null, now(), now(), ${answer}
        from ${runRecords.from(runs)}
        left join monitor_runs stored on stored.id = incoming.id
        where stored.id is null
          or stored.answer <= ${answer} and (stored.absent_since is not null or ${runRecords.storedDiffers})`,
    )
    .onConflictDoUpdate({
      target: monitorRuns.id,
      set: { ...runRecords.set, absentSince: null, changedAt: sql`now()`, answer: sql`excluded.answer` },
      setWhere: sql`monitor_runs.answer <= excluded.answer
        and (monitor_runs.absent_since is not null or ${runRecords.targetDiffers})`,
    })
    .returning({
      id: monitorRuns.id,
      inserted: sql<boolean>`xmax = 0`,
      // The statement's own changes are not visible to this query: it sees the row as it was before.
      statusBefore: sql<
        string | null
      >`(select before.status from monitor_runs before where before.id = monitor_runs.id)`,
    });
  await saveStatusChanges(tx, runs, changed, answer);
  const inserted = changed.filter((row) => row.inserted).length;
  return { inserted, updated: changed.length - inserted, unchanged: runs.length - changed.length };
}

/** Notes each change of status that this sync saw; the first sight of a run counts while it is open. */
async function saveStatusChanges(
  tx: Transaction,
  runs: readonly Run[],
  changed: readonly { readonly id: string; readonly statusBefore: string | null }[],
  answer: SQL,
): Promise<void> {
  const before = new Map(changed.map((row) => [row.id, row.statusBefore]));
  const moved = runs.flatMap((run) => {
    const fromStatus = before.get(run.id);
    const firstSight = fromStatus === null && !isFinal(run.status);
    if (fromStatus === undefined || fromStatus === run.status || (fromStatus === null && !firstSight))
      return [];
    const { id: runId, monitorId, status: toStatus, updatedAt: changedAt } = run;
    return [{ runId, monitorId, fromStatus, toStatus, changedAt, answer }];
  });
  if (moved.length > 0) await tx.insert(monitorRunStatusChanges).values(moved);
}

/** Marks stored runs that the API no longer has. */
export async function markRunsAbsent(tx: Transaction, runIds: readonly string[]): Promise<void> {
  await tx
    .update(monitorRuns)
    .set({ absentSince: sql`now()`, changedAt: sql`now()` })
    .where(and(inArray(monitorRuns.id, [...runIds]), isNull(monitorRuns.absentSince)));
}
