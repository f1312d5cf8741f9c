import { sql, type SQL } from 'drizzle-orm';
import { isFinal } from '../../sync/model.ts';
import type { PageToSave, SavedPage, SavedRuns, Span } from '../../sync/ports.ts';
import type { Returned } from '../connection/connection.ts';
import { progressStatement } from '../cycle/checkpoints.ts';
import type { CycleWriter } from '../cycle/write-in-cycle.ts';
import { finalStatusList } from '../schema.ts';
import { onDaysOfSpan } from './days-of-span.ts';
import { clearOtherRejectedRuns, clearRejectedRuns, saveRejectedRuns } from './rejected-runs.ts';
import { upsertOutputs } from './upsert-outputs.ts';
import { upsertRuns, type RunsOfAnswer } from './upsert-runs.ts';

/** Writes runs and what they found. `mayHaveRejected`: the monitor may have rows in `rejected_runs`. */
export async function saveRuns(
  write: CycleWriter,
  answer: RunsOfAnswer,
  mayHaveRejected: boolean,
): Promise<SavedRuns> {
  const accepted = answer.runs.map(({ id }) => id);
  const cleared = mayHaveRejected ? clearRejectedRuns(answer.monitorId, accepted) : [];
  const [upserted] = await write([...cleared, ...runStatements(answer)]);
  return countsOf(answer, upserted);
}

/** Saves a page: rows, rejections and the checkpoint that claims them, all or nothing. */
export async function savePage(
  write: CycleWriter,
  page: PageToSave,
  answer: RunsOfAnswer,
  mayHaveRejected: boolean,
): Promise<SavedPage> {
  const returned = await write([
    ...(mayHaveRejected ? rejectionStatements(page, answer.sourceId) : []),
    ...runStatements(answer),
    ...(page.missingBetween === null ? [] : [storedWithin(page.monitorId, page.missingBetween)]),
    progressStatement(page.monitorId, page.progress, () => isInDoubt(page, answer)),
  ]);
  const [upserted, stored] = page.runs.length === 0 ? [undefined, ...returned] : returned;
  return {
    ...countsOf(answer, upserted),
    missing: withoutShown(page, stored ?? []),
    reopened: reopenedOf(upserted),
  };
}

function runStatements(answer: RunsOfAnswer): readonly SQL[] {
  if (answer.runs.length === 0) return [];
  return [upsertRuns(answer), ...upsertOutputs(answer)];
}

function countsOf({ runs }: RunsOfAnswer, [row]: Returned[number] = []): SavedRuns {
  const numberOf = (column: string): number => Number(row?.[column] ?? 0);
  const [inserted, updated, foreign] = [numberOf('inserted'), numberOf('updated'), numberOf('foreign_runs')];
  return { inserted, updated, foreign, unchanged: runs.length - inserted - updated - foreign };
}

function reopenedOf([row]: Returned[number] = []): readonly string[] {
  const ids = row?.['reopened'];
  return Array.isArray(ids) ? ids.map(String) : [];
}

function rejectionStatements(
  { monitorId, runs, rejected, onlyRejected }: PageToSave,
  sourceId: number,
): readonly SQL[] {
  const accepted = runs.map(({ id }) => id);
  return [
    ...clearRejectedRuns(monitorId, accepted),
    ...saveRejectedRuns(rejected),
    ...(onlyRejected === null ? [] : [clearOtherRejectedRuns(monitorId, onlyRejected, sourceId)]),
  ];
}

/** Stored runs inside a span of creation times, newest first, as `id`. */
function storedWithin(monitorId: string, { oldest, newest }: Span): SQL {
  const [from, to] = [sql`${oldest ?? '-infinity'}::timestamptz`, sql`${newest ?? 'infinity'}::timestamptz`];
  return sql`
    select id from monitor_runs
    where monitor_id = ${monitorId} and created_at > ${from} and created_at <= ${to}
      and ${onDaysOfSpan(from, to)} and absent_since is null
    order by created_at desc`;
}

/** What of the stored the page should have shown. */
function withoutShown(page: PageToSave, stored: Returned[number]): readonly string[] {
  const shown = new Set(shownOf(page));
  return stored.map(({ id }) => String(id)).filter((id) => !shown.has(id));
}

function shownOf({ runs, rejected, missingBetween }: PageToSave): readonly string[] {
  return [
    ...runs.map(({ id }) => id),
    ...rejected.map(({ key }) => key),
    ...(missingBetween?.shownBefore ?? []),
  ];
}

/** The same question, and whether a run that the page shows as open stayed final, for the database to answer by itself. */
function isInDoubt(page: PageToSave, { sourceId, rank }: RunsOfAnswer): SQL {
  const { monitorId, runs, missingBetween } = page;
  const open = runs.filter(({ status }) => !isFinal(status)).map(({ id }) => id);
  const doubts = [
    ...(missingBetween === null
      ? []
      : [
          sql`exists (select from (${storedWithin(monitorId, missingBetween)}) stored
            where id not in (select ${idsOf(shownOf(page))}))`,
        ]),
    ...(open.length === 0
      ? []
      : [
          // Looked up one by one: as a join it would read the whole table while that is young.
          sql`exists (select from ${idsOf(open)} as open (id) where (
            select source_id = ${sourceId} and answer <= ${sql.raw(String(rank))} and status in ${finalStatusList}
            from monitor_runs where id = open.id))`,
        ]),
  ];
  return doubts.length === 0 ? sql`false` : sql.join(doubts, sql` or `);
}

function idsOf(runIds: readonly string[]): SQL {
  return sql`json_array_elements_text(${JSON.stringify(runIds)}::json)`;
}
