import { and, eq, inArray, isNull, lte, sql, type SQL } from 'drizzle-orm';
import { toJsonText } from '../../sync/exact-number.ts';
import { earliest, latest, type Run } from '../../sync/model.ts';
import type { RunCounts } from '../../sync/ports.ts';
import { onDaysOfSpan } from './days-of-span.ts';
import { createRecordSet } from './record-set.ts';
import { monitorRuns, monitorRunStatusChanges } from '../schema.ts';
import type { Transaction } from '../connection/transaction.ts';

/** Runs with distinct ids that one answer of the API showed for one monitor. */
export interface RunsOfAnswer {
  readonly monitorId: string;
  /** The answer's ordinal in its cycle. */
  readonly answer: number;
  readonly runs: readonly Run[];
}

/** The columns that the API's answers fill, besides the id. */
const runContent = [
  'monitorId',
  'status',
  'type',
  'createdAt',
  'updatedAt',
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
 * Upserts the runs of several answers, no monitor and no id twice among them, and notes the changes of status; one
 * statement, as each costs as much as dozens of rows. An older answer never overwrites a newer one.
 * @returns what became of each answer's runs, in the order of `pages`.
 */
export async function upsertRuns(
  tx: Transaction,
  cycleId: number,
  sourceId: number,
  pages: readonly RunsOfAnswer[],
): Promise<readonly RunCounts[]> {
  const filled = pages.flatMap(({ runs, ...page }, index) =>
    runs.length === 0
      ? []
      : [{ ...page, answer: String(answerRank(cycleId, page.answer)), index, ...creationSpan(runs) }],
  );
  const changes =
    filled.length === 0 ? [] : await tx.execute<PageChanges>(upsertStatement(tx, sourceId, pages, filled));
  const byPage = new Map(changes.map((change) => [change.index, change]));
  return pages.map(({ runs }, index) => {
    const { inserted, updated } = byPage.get(index) ?? { inserted: 0, updated: 0 };
    return { inserted, updated, unchanged: runs.length - inserted - updated };
  });
}

type PageChanges = { readonly index: number; readonly inserted: number; readonly updated: number };

/**
 * `page`: the answers, each with its rank. `stored`: what the warehouse has where they lie; a row with the same content lies there.
 * It is read through the index of monitor, day and creation time, in the order of the pages, and a subquery that the planner
 * may not pull up (`offset 0`) keeps it from reading the whole table while that is young. `changed`: rows that would
 * not change are filtered out before the insert: a condition on the conflict clause alone would still lock each of them
 * and write WAL for it. The conflict clause repeats the comparison, for rows that changed or moved in between.
 */
function upsertStatement(
  tx: Transaction,
  sourceId: number,
  pages: readonly RunsOfAnswer[],
  filled: readonly object[],
): SQL {
  const incoming = pages.flatMap(({ runs }) => runs);
  const changed = tx
    .insert(monitorRuns)
    .select(
      sql`select incoming.id, ${runRecords.incoming}, null, now(), now(), page.answer, ${sourceId}::smallint, null
        from ${runRecords.from(incoming)}
        join page on page.monitor_id = incoming."monitorId"
        left join stored on stored.id = incoming.id
        where stored.id is null
          or stored.answer <= page.answer and (stored.absent_since is not null or ${runRecords.storedDiffers})`,
    )
    .onConflictDoUpdate({
      target: monitorRuns.id,
      set: { ...runRecords.set, absentSince: null, changedAt: sql`now()`, answer: sql`excluded.answer` },
      setWhere: sql`monitor_runs.answer <= excluded.answer
        and (monitor_runs.absent_since is not null or ${runRecords.targetDiffers})`,
    })
    .returning({
      id: monitorRuns.id,
      monitorId: monitorRuns.monitorId,
      status: monitorRuns.status,
      updatedAt: monitorRuns.updatedAt,
      answer: monitorRuns.answer,
      inserted: sql`xmax = 0`.as('inserted'),
      // The statement's own changes are not visible to this query: it sees the row as it was before.
      statusBefore: sql`case when xmax <> 0
        then (select before.status from monitor_runs before where before.id = monitor_runs.id) end`.as(
        'status_before',
      ),
    });
  // The first sight of a run is a change while the run is open.
  const moved = tx.insert(monitorRunStatusChanges).select(
    sql`select id, monitor_id, status_before, status, updated_at, now(), answer from changed
      where case when inserted then status not in ('completed', 'failed', 'canceled') else status <> status_before end`,
  );
  return sql`
    with page as materialized (
      select index, "monitorId" as monitor_id, oldest, newest, answer
      from json_to_recordset(${toJsonText(filled)}::json)
        as filled (index integer, "monitorId" text, oldest timestamptz, newest timestamptz, answer bigint)
    ), stored as materialized (
      select found.* from page cross join lateral (
        select * from monitor_runs
        where monitor_id = page.monitor_id and created_at between page.oldest and page.newest
          and ${onDaysOfSpan(sql`page.oldest`, sql`page.newest`)}
        offset 0
      ) found
    ), changed as ${changed}, moved as ${moved}
    select index,
      count(*) filter (where inserted)::integer as inserted,
      count(*) filter (where not inserted)::integer as updated
    from changed join page using (answer) group by index`;
}

function creationSpan(runs: readonly Run[]): { readonly oldest: string; readonly newest: string } {
  const times = runs.map(({ createdAt }) => createdAt);
  return { oldest: times.reduce(earliest), newest: times.reduce(latest) };
}

/** Marks stored runs of a monitor that the API no longer has, unless a later answer has shown them. */
export async function markRunsAbsent(
  tx: Transaction,
  monitorId: string,
  runIds: readonly string[],
  rank: bigint,
): Promise<void> {
  await tx
    .update(monitorRuns)
    .set({ absentSince: sql`now()`, changedAt: sql`now()` })
    .where(
      and(
        inArray(monitorRuns.id, [...runIds]),
        eq(monitorRuns.monitorId, monitorId),
        lte(monitorRuns.answer, rank),
        isNull(monitorRuns.absentSince),
      ),
    );
}
