import type { MonitorSource } from '../ports.ts';
import { readPages, type PageRead } from '../walk/read-pages.ts';
import { advanceWalk, pageSpan, startWalk, type WalkState } from '../walk/stop-rule.ts';
import { differenceOf, type MonitorTally } from './verify-tally.ts';
import type { Difference, VerifyStore } from './verify-ports.ts';

export interface VerifyContext {
  readonly source: Pick<MonitorSource, 'listRuns' | 'getRun'>;
  readonly store: VerifyStore;
}

/** Ids of stored runs that are looked up at a time when a list has no order. */
const idsAtATime = 1000;

/**
 * Reads a monitor's whole list again, page by page, and compares each page with the warehouse. Keeps no ids but those of
 * the instant at which a page ends, so that a list of any length takes the memory of a page. What differs is asked for
 * by id before it counts: it may have changed since its page was read, or a sync may be at work.
 * @throws SkipMonitorError and whatever else the source throws.
 */
export async function verifyRuns(
  context: VerifyContext,
  monitorId: string,
  tally: MonitorTally,
): Promise<void> {
  let state = startWalk('full', null, '');
  let isTold = true;
  for await (const page of readPages(context.source, monitorId, null)) {
    const before = state;
    state = advanceWalk(before, page.fresh);
    tally.compared(page.fresh.length);
    const suspects = await findSuspects(context.store, page);
    isTold &&= state.descending && state.edgeIds !== null;
    if (isTold) suspects.push(...(await findUnlisted(context.store, monitorId, { page, before, state })));
    for (const suspect of suspects) await confirm(context, monitorId, suspect, tally);
  }
  // Without an order, or with most of the list created at one instant, no page tells what should be on it.
  if (!isTold) await verifyUnordered(context, monitorId, tally);
}

async function findSuspects(store: VerifyStore, page: PageRead): Promise<Difference[]> {
  const differing = await store.compareRuns(page.runs);
  return [
    ...differing.map(differenceOf),
    ...page.rejected.map(({ key }): Difference => ({ kind: 'rejected', id: key, columns: [] })),
  ];
}

/**
 * Stored runs between the end of the page before, included, and the end of this one, excluded, that neither shows: a run
 * created at the instant at which a page ends may lie on the next one.
 */
async function findUnlisted(
  store: VerifyStore,
  monitorId: string,
  { page, before, state }: { page: PageRead; before: WalkState; state: WalkState },
): Promise<Difference[]> {
  const span = pageSpan(before, state, page.nextCursor);
  if (span === null) return [];
  const stored = await store.loadRunIdsInSpan(monitorId, span);
  const listed = new Set([
    ...page.runs.map(({ id }) => id),
    ...page.rejected.map(({ key }) => key),
    ...span.shownBefore,
  ]);
  return stored.filter((id) => !listed.has(id)).map(extra);
}

/** Looks for every stored run in the whole list. Remembers all its ids: the price of a list in no order. */
async function verifyUnordered(
  context: VerifyContext,
  monitorId: string,
  tally: MonitorTally,
): Promise<void> {
  const listed = new Set<string>();
  for await (const page of readPages(context.source, monitorId, null)) {
    for (const { id } of page.runs) listed.add(id);
    for (const { key } of page.rejected) listed.add(key);
  }
  let after = '';
  for (;;) {
    const ids = await context.store.loadRunIdsAfter(monitorId, after, idsAtATime);
    for (const id of ids) if (!listed.has(id)) await confirm(context, monitorId, extra(id), tally);
    const last = ids.at(-1);
    if (last === undefined) return;
    after = last;
  }
}

/** Asks once more, first the API and then the warehouse, and counts what still differs. */
async function confirm(
  { source, store }: VerifyContext,
  monitorId: string,
  suspect: Difference,
  tally: MonitorTally,
): Promise<void> {
  if (tally.hasCounted(suspect.id)) return;
  // A rejected record may have no id to ask for; and when most of a list differs, asking again finds nothing new.
  if (suspect.kind === 'rejected' || !tally.mayConfirm()) return tally.count(suspect);
  const { run, rejected } = await source.getRun(monitorId, suspect.id);
  if (rejected !== null) return tally.count({ ...suspect, kind: 'rejected' });
  if (run !== null) {
    for (const still of await store.compareRuns([run])) tally.count(differenceOf(still));
    return;
  }
  // Gone from the API, or not marked yet: it is extra only if it is still stored as if it were there.
  if (suspect.kind === 'extra') return tally.count(suspect);
  if (suspect.kind === 'stale' && !suspect.columns.includes('absent_since')) tally.count(extra(suspect.id));
}

function extra(id: string): Difference {
  return { kind: 'extra', id, columns: [] };
}
