import { sql } from 'drizzle-orm';
import type { PageToSave, SavedPage, Span } from '../../sync/ports.ts';
import { progressStatements } from '../cycle/checkpoints.ts';
import { onDaysOfSpan } from './days-of-span.ts';
import { clearOtherRejectedRuns, clearRejectedRuns, saveRejectedRuns } from './rejected-runs.ts';
import type { Transaction } from '../connection/transaction.ts';
import { upsertRuns } from './upsert-runs.ts';

/** Larger statements were not faster, and a walk waits for the whole group. */
const mostRowsAtOnce = 1000;

/** Whether a page may be saved together with others: of other monitors, and without a run that one of them has too. */
export function mayJoinPages(group: readonly PageToSave[], page: PageToSave): boolean {
  const rows = group.reduce((sum, { runs }) => sum + runs.length, page.runs.length);
  if (rows > mostRowsAtOnce || group.some(({ monitorId }) => monitorId === page.monitorId)) return false;
  // A statement cannot touch a row twice (SQLSTATE 21000); an API that lists a run under two monitors must not break it.
  const ids = new Set(group.flatMap(({ runs }) => runs.map(({ id }) => id)));
  return page.runs.every(({ id }) => !ids.has(id));
}

/**
 * Saves pages of different monitors: rows, rejections and checkpoints.
 * @param mayHaveRejected whether a monitor may have rows in `rejected_runs`.
 */
export async function savePages(
  tx: Transaction,
  cycleId: number,
  sourceId: number,
  pages: readonly PageToSave[],
  mayHaveRejected: (monitorId: string) => boolean,
): Promise<readonly SavedPage[]> {
  for (const page of pages) if (mayHaveRejected(page.monitorId)) await saveRejections(tx, page);
  // None of them needs to know what another one did: sent together, they cost one round trip.
  const [counts, missing] = await Promise.all([
    upsertRuns(tx, cycleId, sourceId, pages),
    findMissing(tx, pages),
    ...progressStatements(pages).map((statement) => tx.execute(statement)),
  ]);
  return counts.map((ofPage, index) => ({ ...ofPage, foreign: 0, missing: missing.get(index) ?? [] }));
}

async function saveRejections(tx: Transaction, page: PageToSave): Promise<void> {
  const accepted = page.runs.map(({ id }) => id);
  await clearRejectedRuns(tx, page.monitorId, accepted);
  await saveRejectedRuns(tx, page.rejected);
  if (page.onlyRejected !== null) await clearOtherRejectedRuns(tx, page.monitorId, page.onlyRejected);
}

/** Stored runs inside each page's span of creation times that it does not show, newest first, by the page's index. */
async function findMissing(
  tx: Transaction,
  pages: readonly PageToSave[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const spans = pages.flatMap(({ monitorId, missingBetween: span }, index) =>
    span === null ? [] : [{ index, monitorId, ...openEnded(span) }],
  );
  if (spans.length === 0) return new Map();
  // `offset 0` keeps the planner from reading the whole table: each span is read through the index.
  const stored = await tx.execute<{ index: number; id: string }>(sql`
    select span.index, found.id
    from json_to_recordset(${JSON.stringify(spans)}::json)
      as span (index integer, "monitorId" text, oldest timestamptz, newest timestamptz)
    cross join lateral (
      select id, created_at from monitor_runs
      where monitor_id = span."monitorId" and created_at > span.oldest and created_at < span.newest
        and ${onDaysOfSpan(sql`span.oldest`, sql`span.newest`)} and absent_since is null
      offset 0
    ) found
    order by found.created_at desc`);
  const missing = new Map<number, string[]>();
  const shown = pages.map(
    ({ runs, rejected }) => new Set([...runs.map(({ id }) => id), ...rejected.map(({ key }) => key)]),
  );
  for (const { index, id } of stored) {
    if (shown[index]?.has(id) === true) continue;
    const others = missing.get(index);
    if (others === undefined) missing.set(index, [id]);
    else others.push(id);
  }
  return missing;
}

function openEnded({ oldest, newest }: Span): { readonly oldest: string; readonly newest: string } {
  return { oldest: oldest ?? '-infinity', newest: newest ?? 'infinity' };
}
