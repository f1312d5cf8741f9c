import type { Checkpoint, ListedMonitor, Run, RunState, UnfinishedWalk, WalkKind } from '../model.ts';
import { compareInstants, instantMs } from '../model.ts';
import type { Span, StopReason } from '../ports.ts';
import { awaitedRunAt } from '../plan/schedule-evidence.ts';

/** A walk between two pages: what it has seen and where it may stop. */
export type WalkState = Omit<UnfinishedWalk, 'cursor' | 'pageSize'>;

/** A walk that starts at the top of the list. */
export function startWalk(kind: WalkKind, stopAt: string | null, startedAt: string): WalkState {
  return {
    kind,
    mark: null,
    stopAt,
    descending: true,
    oldestCreatedAt: null,
    edgeIds: [],
    newestRun: null,
    pages: 0,
    startedAt,
  };
}

/** Programs without a date send this one. It is the oldest that a run can have, since Postgres reads no year 0. */
const firstInstantMs = Date.parse('0001-01-01T00:00:00Z');

/**
 * Where an incremental walk may stop: a page that reaches this instant has reached covered ground. The overlap is free
 * (a page reaches further back than that) and catches runs that appear with a creation time a little in the past. Null:
 * nowhere before the end of the list.
 */
export function coveredGround(syncedThrough: string | null, overlapMs: number): string | null {
  if (syncedThrough === null) return null;
  const groundMs = instantMs(syncedThrough) - overlapMs;
  return groundMs < firstInstantMs ? null : new Date(groundMs).toISOString();
}

/** The earlier of two instants, where null is "the end of the list" and thus the earliest. */
export function earlier(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null;
  return compareInstants(a, b) <= 0 ? a : b;
}

/**
 * Takes a page into account. `fresh` are its runs without those that the previous page showed already: rows shift when
 * runs are added while pages are read, which says nothing about the order. A violated order turns the walk into a full
 * one: stopping early would trust an order that is not there.
 */
export function advanceWalk(state: WalkState, fresh: readonly Run[]): WalkState {
  const descending = state.descending && descends(state.oldestCreatedAt, fresh);
  return {
    ...state,
    kind: descending ? state.kind : 'full',
    stopAt: descending ? state.stopAt : null,
    descending,
    mark: state.pages === 0 ? (newest(fresh)?.createdAt ?? null) : state.mark,
    ...edgeOf(state, fresh),
    newestRun: newestState(state, fresh),
    pages: state.pages + 1,
  };
}

/** Why the walk ends after a page, or null when it goes on. `state` includes that page. */
export function stopReason(state: WalkState, nextCursor: string | null): StopReason | null {
  if (nextCursor === null) return 'end_of_list';
  if (state.stopAt === null || !hasDescended(state)) return null;
  if (compareInstants(state.oldestCreatedAt, state.stopAt) > 0) return null;
  return state.kind === 'since' ? 'since_date' : 'covered_ground';
}

/**
 * Whether the list was seen to descend. Not to ascend is less: a first page of one row, or of rows with one creation
 * time, is in any order, and on an ascending list it is the oldest of all.
 */
function hasDescended(state: WalkState): state is WalkState & { readonly oldestCreatedAt: string } {
  const { descending, newestRun, oldestCreatedAt } = state;
  if (!descending || newestRun === null || oldestCreatedAt === null) return false;
  return compareInstants(newestRun.createdAt, oldestCreatedAt) > 0;
}

/**
 * What refutes the order of a list, as a rise does: something else than its pages says that a run was passed over. The
 * walk goes on to the end of the list.
 */
export function distrustOrder(state: WalkState): WalkState {
  return { ...state, kind: 'full', stopAt: null, descending: false };
}

/** The checkpoint that a finished walk leaves. */
export function finishWalk(
  state: WalkState,
  reason: StopReason,
  monitor: ListedMonitor,
  before: Checkpoint | null,
  finishedAt: string,
): Checkpoint {
  // A list read from the top to its end is covered whole, whatever the walk set out to do. A walk that stopped at a
  // date covers nothing by itself: it may have stopped above ground that was never read.
  const readWhole = reason === 'end_of_list';
  const wasCovered = before !== null && before.lastFullWalkAt !== null;
  const covered = readWhole || wasCovered;
  // A run dated in the future covers nothing beyond the walk: it would stand on top of every later page one, above
  // ground that counts as covered, and end each walk there.
  const mark = state.mark === null ? null : earlier(state.mark, state.startedAt);
  return {
    monitorId: monitor.id,
    syncedThrough: covered ? (mark ?? before?.syncedThrough ?? null) : null,
    unfinishedWalk: null,
    lastFullWalkAt: readWhole ? state.startedAt : (before?.lastFullWalkAt ?? null),
    newestRun: state.newestRun,
    nextRunAt: awaitedRunAt(
      monitor.nextRunAt,
      before?.nextRunAt ?? null,
      state.newestRun,
      instantMs(state.startedAt),
    ),
    lastWalkAt: finishedAt,
    rose: (before?.rose ?? false) || !state.descending,
    lookAgain: false,
    notFoundOnce: before?.notFoundOnce ?? [],
    consecutiveFailures: 0,
  };
}

/**
 * The span of creation times of which a page of a descending list shows every run: from where the page before it ended,
 * or from the top, down to its own end, or to the end of the list. Null when it cannot tell. Runs created at the instant
 * at which a page ends may lie on the next one, so that end is excluded; at the other end those that earlier pages have
 * shown are known. A list on one page shows every run in whatever order.
 */
export function pageSpan(before: WalkState, after: WalkState, nextCursor: string | null): Span | null {
  if (before.pages === 0 && nextCursor === null) return { oldest: null, newest: null, shownBefore: [] };
  if (!after.descending || before.edgeIds === null) return null;
  const { oldestCreatedAt: top, edgeIds: shownBefore } = before;
  if (nextCursor === null) return { oldest: null, newest: top, shownBefore };
  const end = after.oldestCreatedAt;
  const isEmpty = end === null || (top !== null && compareInstants(end, top) === 0);
  return isEmpty ? null : { oldest: end, newest: top, shownBefore };
}

function descends(after: string | null, runs: readonly Run[]): boolean {
  let previous = after;
  return runs.every(({ createdAt }) => {
    const inOrder = previous === null || compareInstants(createdAt, previous) <= 0;
    previous = createdAt;
    return inOrder;
  });
}

function newest(runs: readonly Run[]): Run | null {
  return runs.reduce<Run | null>(
    (best, run) => (best === null || compareInstants(run.createdAt, best.createdAt) > 0 ? run : best),
    null,
  );
}

/** More runs of one instant at the edge of a page are not remembered. */
const mostAtEdge = 10_000;

/** How far down the walk has come, and which runs it has seen that were created at that very instant. */
function edgeOf(state: WalkState, fresh: readonly Run[]): Pick<WalkState, 'oldestCreatedAt' | 'edgeIds'> {
  const edge = oldest(state.oldestCreatedAt, fresh);
  if (edge === null) return { oldestCreatedAt: null, edgeIds: [] };
  const isAtEdge = (instant: string | null): boolean =>
    instant !== null && compareInstants(instant, edge) === 0;
  const before = isAtEdge(state.oldestCreatedAt) ? state.edgeIds : [];
  const here = fresh.filter(({ createdAt }) => isAtEdge(createdAt)).map(({ id }) => id);
  const edgeIds = before === null || before.length + here.length > mostAtEdge ? null : [...before, ...here];
  return { oldestCreatedAt: edge, edgeIds };
}

function oldest(before: string | null, runs: readonly Run[]): string | null {
  return runs.reduce<string | null>(
    (best, run) => (best === null || compareInstants(run.createdAt, best) < 0 ? run.createdAt : best),
    before,
  );
}

/** On a descending list the newest run is on the first page; on any other it may come at any time. */
function newestState(state: WalkState, fresh: readonly Run[]): RunState | null {
  const candidate = newest(fresh);
  if (candidate === null) return state.newestRun;
  if (state.newestRun !== null && compareInstants(candidate.createdAt, state.newestRun.createdAt) <= 0) {
    return state.newestRun;
  }
  const { id, status, createdAt, updatedAt } = candidate;
  return { id, status, createdAt, updatedAt };
}
