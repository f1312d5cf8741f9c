import type { Checkpoint, ListedMonitor, Run, RunState } from '../model.ts';
import { instantOf, isFinal } from '../model.ts';
import type {
  MonitorSource,
  PageToSave,
  SavedPage,
  SourceCycle,
  StopReason,
  WalkProgress,
} from '../ports.ts';
import { askForOutput, askForRun, hasOutput, isNotFound, type OnSaved } from './ask-for-run.ts';
import { readPages, type PageRead } from './read-pages.ts';
import { advanceWalk, distrustOrder, finishWalk, pageSpan, stopReason, type WalkState } from './stop-rule.ts';

/** What the walks of a source share. */
export interface WalkContext {
  /** The source, as far as walks use it; limits the requests under way and refuses new ones once the cycle stops. */
  readonly source: Pick<MonitorSource, 'traits' | 'listRuns' | 'getRun'>;
  readonly store: Pick<
    SourceCycle,
    | 'savePage'
    | 'saveRun'
    | 'saveRejectedRun'
    | 'findWithoutOutput'
    | 'markRunsAbsent'
    | 'forgetUnfinishedWalk'
    | 'forgetClaims'
    | 'forgetLookAgain'
  >;
  readonly nowMs: () => number;
  readonly overlapMs: number;
  /** RFC 3339, or null: how far back a person asked to read again. */
  readonly since: string | null;
  /** How many more runs may be asked for whose lists lack their output; all walks of a source take from it. */
  readonly outputsToAsk: { left: number };
  readonly onSaved: OnSaved;
}

export interface WalkTarget {
  readonly monitor: ListedMonitor;
  readonly checkpoint: Checkpoint | null;
}

/** What the walks of a monitor left. */
export interface Walked {
  /** Null: none has ended. */
  readonly checkpoint: Checkpoint | null;
  readonly pages: number;
  /** The run that the listing names as the monitor's newest, as the last walk met it. */
  readonly newestListed: RunState | 'rejected' | 'not met';
}

/** More rejected runs of a list are not remembered: which older rejections are over is left to a later walk. */
const mostRejectedKeys = 100_000;

/** Reads and saves pages from `cursor` until the stop rule holds. Each page is committed before the next is asked for. */
export async function walkPages(
  context: WalkContext,
  target: WalkTarget,
  from: WalkState,
  cursor: string | null,
): Promise<Walked> {
  const { monitor } = target;
  let state = from;
  let newestListed: Walked['newestListed'] = 'not met';
  let isDoubted = false;
  const rejectedKeys = new Set<string>();
  for await (const page of readPages(context.source, monitor.id, cursor)) {
    const before = state;
    state = advanceWalk(before, page.fresh);
    newestListed = meet(newestListed, page, monitor.lastRun);
    const reason = stopReason(state, page.nextCursor);
    if (rejectedKeys.size <= mostRejectedKeys) for (const { key } of page.rejected) rejectedKeys.add(key);
    await askForOutputs(context, monitor.id, page.runs);
    const progress = progressOf(context, target, state, page, reason, isDoubted);
    const saved = await savePage(context, monitor.id, page, {
      progress,
      // Before the first walk to the end nothing claims to be complete, so nothing can be missing.
      missingBetween:
        target.checkpoint?.lastFullWalkAt == null ? null : pageSpan(before, state, page.nextCursor),
      onlyRejected:
        cursor === null && reason === 'end_of_list' && rejectedKeys.size <= mostRejectedKeys
          ? rejectedKeys
          : null,
    });
    if (await isBehind(context, monitor.id, saved.reopened)) isDoubted = true;
    if (await hasMissing(context, monitor.id, saved.missing)) {
      isDoubted = true;
      state = distrustOrder(state);
      if (page.nextCursor !== null) continue;
    }
    if (progress.state === 'finished') {
      const wasInDoubt = saved.missing.length + saved.reopened.length > 0;
      if (wasInDoubt && !isDoubted) await context.store.forgetLookAgain(monitor.id);
      return { checkpoint: progress.checkpoint, pages: state.pages - from.pages, newestListed };
    }
  }
  throw new Error(`monitor ${monitor.id}: the list ended without ending the walk`);
}

function meet(
  before: Walked['newestListed'],
  page: PageRead,
  lastRun: RunState | null,
): Walked['newestListed'] {
  if (lastRun === null) return before;
  const run = page.runs.find(({ id }) => id === lastRun.id);
  if (run !== undefined) {
    const { id, status, createdAt, updatedAt } = run;
    return { id, status, createdAt, updatedAt };
  }
  return page.rejected.some(({ key }) => key === lastRun.id) ? 'rejected' : before;
}

function progressOf(
  { source, nowMs }: WalkContext,
  target: WalkTarget,
  state: WalkState,
  page: PageRead,
  reason: StopReason | null,
  lookAgain: boolean,
): WalkProgress {
  if (reason === null && page.nextCursor !== null) {
    const { pageSize } = source.traits;
    return { state: 'unfinished', walk: { ...state, cursor: page.nextCursor, pageSize } };
  }
  const stop = reason ?? 'end_of_list';
  const finishedAt = instantOf(nowMs());
  return {
    state: 'finished',
    kind: state.kind,
    stopReason: stop,
    finishedAt,
    checkpoint: { ...finishWalk(state, stop, target.monitor, target.checkpoint, finishedAt), lookAgain },
  };
}

async function savePage(
  context: WalkContext,
  monitorId: string,
  { runs, rejected, answer }: PageRead,
  judged: Pick<PageToSave, 'progress' | 'missingBetween' | 'onlyRejected'>,
): Promise<SavedPage> {
  const saved = await context.store.savePage({ monitorId, runs, rejected, answer, ...judged });
  context.onSaved(monitorId, runs, saved, rejected.length + saved.foreign);
  return saved;
}

/**
 * Final runs that a page shows as open may come from a server that lags behind: what they are now, a second answer says.
 * @returns whether the page is behind, and so may lack what came since.
 */
async function isBehind(
  context: WalkContext,
  monitorId: string,
  reopened: readonly string[],
): Promise<boolean> {
  let behind = false;
  for (const runId of reopened) {
    const { run } = await askForRun(context, monitorId, runId);
    if (run !== null && isFinal(run.status)) behind = true;
  }
  return behind;
}

/**
 * What runs found that their list does not show is asked for, once for each, as long as the cycle has requests for it.
 * Before the page that lacks it is saved: what a checkpoint claims is not looked at again for days.
 */
async function askForOutputs(
  { source, store, outputsToAsk, onSaved }: WalkContext,
  monitorId: string,
  runs: readonly Run[],
): Promise<void> {
  if (!source.traits.runsCarryOutput || outputsToAsk.left === 0) return;
  const lacking = runs.filter((run) => hasOutput(run) && run.output === null).map(({ id }) => id);
  if (lacking.length === 0) return;
  for (const runId of await store.findWithoutOutput(lacking)) {
    if (outputsToAsk.left === 0) return;
    outputsToAsk.left -= 1;
    await askForOutput({ source, store, onSaved }, monitorId, runId);
  }
}

/**
 * A stored run that a page should have shown is marked absent only when the API says 404 for it: an order that breaks
 * later, or a page that leaves a row out, must not mark what is there.
 * @returns whether the API has one of them, which refutes the list. It says nothing about the others; to ask for all of
 * them could cost as much as the whole list.
 */
async function hasMissing(
  context: WalkContext,
  monitorId: string,
  missing: readonly string[],
): Promise<boolean> {
  for (const runId of missing) {
    const answered = await askForRun(context, monitorId, runId);
    if (!isNotFound(answered)) return true;
    await context.store.markRunsAbsent(monitorId, [runId], answered.answer);
  }
  return false;
}
