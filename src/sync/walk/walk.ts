import { askForRun } from './ask-for-run.ts';
import { CursorRefusedError, SkipMonitorError } from '../errors.ts';
import { instantOf, type Checkpoint, type ListedMonitor } from '../model.ts';
import type { MonitorPlan } from '../plan/plan-monitor.ts';
import type {
  MonitorSource,
  PageToSave,
  RunCounts,
  SourceCycle,
  StopReason,
  WalkProgress,
} from '../ports.ts';
import { readPages, type PageRead } from './read-pages.ts';
import {
  advanceWalk,
  coveredGround,
  earlier,
  finishWalk,
  pageSpan,
  startWalk,
  stopReason,
  type WalkState,
} from './stop-rule.ts';
import { isGivenUp } from './stuck-cursor.ts';

/** What the walks of a cycle share. */
export interface WalkContext {
  /** The source, as far as walks use it; limits the requests under way and refuses new ones once the cycle stops. */
  readonly source: Pick<MonitorSource, 'listRuns' | 'getRun'>;
  readonly store: Pick<
    SourceCycle,
    'savePage' | 'saveRun' | 'saveRejectedRun' | 'markRunsAbsent' | 'forgetUnfinishedWalk'
  >;
  readonly nowMs: () => number;
  readonly overlapMs: number;
  /** RFC 3339, or null: how far back a person asked to read again. */
  readonly since: string | null;
  /** Told after each commit which runs an answer showed and what became of them. */
  readonly onSaved: (
    monitorId: string,
    runIds: readonly string[],
    counts: RunCounts,
    rejected: number,
  ) => void;
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
}

/**
 * Does what the plan says for one monitor: one walk, or the rest of an unfinished one and then a walk from the top for
 * what came since it began.
 */
export async function walkMonitor(
  context: WalkContext,
  target: WalkTarget,
  plan: MonitorPlan,
): Promise<Walked> {
  switch (plan.decision) {
    case 'skip':
      return { checkpoint: target.checkpoint, pages: 0 };
    case 'resume': {
      const resumed = await resumeWalk(context, target);
      const again = { ...target, checkpoint: resumed.checkpoint };
      const fromTop = await walkFromTop(context, again, resumed.upToDate ? null : nextKind(context, again));
      return { checkpoint: fromTop.checkpoint, pages: resumed.pages + fromTop.pages };
    }
    case 'full':
    case 'incremental':
    case 'since':
      return walkFromTop(context, target, plan.decision);
  }
}

/**
 * Goes on at the stored cursor. When the API refuses it, the walk starts again: from the top, which needs no second walk.
 * When it fails there in another way, and has done so for some cycles, the next cycle starts from the top.
 */
async function resumeWalk(
  context: WalkContext,
  target: WalkTarget,
): Promise<Walked & { readonly upToDate: boolean }> {
  const unfinished = target.checkpoint?.unfinishedWalk ?? null;
  if (unfinished === null) return { checkpoint: target.checkpoint, pages: 0, upToDate: false };
  const { cursor, ...state } = unfinished;
  // The top of the list was read when the walk began: the schedule of today is no evidence for what that showed.
  const asItWas = {
    ...target,
    monitor: { ...target.monitor, nextRunAt: target.checkpoint?.nextRunAt ?? null },
  };
  let gotFurther = false;
  const watched: WalkContext = {
    ...context,
    onSaved: (...saved) => {
      gotFurther = true;
      context.onSaved(...saved);
    },
  };
  try {
    return { ...(await walk(watched, asItWas, state, cursor)), upToDate: false };
  } catch (error) {
    if (!(error instanceof CursorRefusedError)) {
      if (error instanceof SkipMonitorError && !gotFurther) await giveUpStuckCursor(context, target);
      throw error;
    }
    const walked = await restartWalk(context, target, state);
    // A walk down to a date leaves the rest of the list to the next one.
    return { ...walked, upToDate: context.since === null && walked.checkpoint?.lastFullWalkAt != null };
  }
}

async function giveUpStuckCursor({ store }: WalkContext, { monitor, checkpoint }: WalkTarget): Promise<void> {
  const failuresInARow = (checkpoint?.consecutiveFailures ?? 0) + 1;
  if (isGivenUp(failuresInARow)) await store.forgetUnfinishedWalk(monitor.id);
}

async function walkFromTop(
  context: WalkContext,
  target: WalkTarget,
  kind: WalkState['kind'] | null,
): Promise<Walked> {
  if (kind === null) return { checkpoint: target.checkpoint, pages: 0 };
  const state = startWalk(kind, stopAtFor(kind, context, target.checkpoint), instantOf(context.nowMs()));
  try {
    return await walk(context, target, state, null);
  } catch (error) {
    if (!(error instanceof CursorRefusedError)) throw error;
    return restartWalk(context, target, state);
  }
}

/** Starts a walk over whose cursor the API refused. Once: a second refusal is the monitor's failure. */
async function restartWalk(context: WalkContext, target: WalkTarget, refused: WalkState): Promise<Walked> {
  await context.store.forgetUnfinishedWalk(target.monitor.id);
  const state = startWalk(refused.kind, refused.stopAt, instantOf(context.nowMs()));
  return walk(context, target, state, null);
}

/** After a resumed walk: what came since it began, or again down to the date that a person named. */
function nextKind(context: WalkContext, target: WalkTarget): WalkState['kind'] {
  if (context.since !== null) return 'since';
  return target.checkpoint?.lastFullWalkAt == null ? 'full' : 'incremental';
}

function stopAtFor(
  kind: WalkState['kind'],
  context: WalkContext,
  checkpoint: Checkpoint | null,
): string | null {
  const covered = coveredGround(checkpoint?.syncedThrough ?? null, context.overlapMs);
  switch (kind) {
    case 'full':
      return null;
    case 'incremental':
      return covered;
    case 'since':
      return checkpoint?.lastFullWalkAt == null ? context.since : earlier(context.since, covered);
  }
}

/** Reads and saves pages from `cursor` until the stop rule holds. Each page is committed before the next is asked for. */
async function walk(
  context: WalkContext,
  target: WalkTarget,
  from: WalkState,
  cursor: string | null,
): Promise<Walked> {
  let state = from;
  const rejectedKeys = new Set<string>();
  for await (const page of readPages(context.source, target.monitor.id, cursor)) {
    const before = state;
    state = advanceWalk(before, page.fresh);
    const reason = stopReason(state, page.nextCursor);
    for (const { key } of page.rejected) rejectedKeys.add(key);
    const progress = progressOf(target, state, page, reason, instantOf(context.nowMs()));
    await savePage(context, target, page, {
      progress,
      // Before the first walk to the end nothing claims to be complete, so nothing can be missing.
      missingBetween:
        target.checkpoint?.lastFullWalkAt == null ? null : pageSpan(before, state, page.nextCursor),
      onlyRejected: cursor === null && reason === 'end_of_list' ? rejectedKeys : null,
    });
    if (progress.state === 'finished') {
      return { checkpoint: progress.checkpoint, pages: state.pages - from.pages };
    }
  }
  throw new Error(`monitor ${target.monitor.id}: the list ended without ending the walk`);
}

function progressOf(
  target: WalkTarget,
  state: WalkState,
  page: PageRead,
  reason: StopReason | null,
  finishedAt: string,
): WalkProgress {
  if (reason === null && page.nextCursor !== null) {
    return { state: 'unfinished', walk: { ...state, cursor: page.nextCursor } };
  }
  const stop = reason ?? 'end_of_list';
  return {
    state: 'finished',
    kind: state.kind,
    stopReason: stop,
    finishedAt,
    checkpoint: finishWalk(state, stop, target.monitor, target.checkpoint),
  };
}

async function savePage(
  context: WalkContext,
  { monitor }: WalkTarget,
  { runs, rejected, answer }: PageRead,
  judged: Pick<PageToSave, 'progress' | 'missingBetween' | 'onlyRejected'>,
): Promise<void> {
  const saved = await context.store.savePage({ monitorId: monitor.id, runs, rejected, answer, ...judged });
  const runIds = runs.map((run) => run.id);
  context.onSaved(monitor.id, runIds, saved, rejected.length + saved.foreign);
  // A stored run that a page should have shown is marked absent only when the API says 404 for it: an order that
  // breaks later, or a page that leaves a row out, must not mark what is there. A page that left out one run that is
  // there says nothing about the others; asking for all of them could cost as much as the whole list.
  for (const runId of saved.missing) if (await askForRun(context, monitor.id, runId)) break;
}
