import { CursorRefusedError, SkipMonitorError } from '../errors.ts';
import { instantOf, isFinal, type Checkpoint, type Run } from '../model.ts';
import { PagingError } from '../page-guard.ts';
import type { MonitorPlan } from '../plan/plan-monitor.ts';
import { askForRun } from './ask-for-run.ts';
import { holdAgainstListing } from './hold-against-listing.ts';
import { coveredGround, earlier, startWalk, type WalkState } from './stop-rule.ts';
import { walkPages, type Walked, type WalkContext, type WalkTarget } from './walk-pages.ts';

/**
 * Does what the plan says for one monitor: one walk, or the rest of an unfinished one and then a walk from the top for
 * what came since it began.
 * @returns the number of pages read.
 */
export async function walkMonitor(
  context: WalkContext,
  target: WalkTarget,
  { decision, reason }: MonitorPlan,
): Promise<number> {
  if (decision === 'skip') return 0;
  if (reason === 'rows_missing') {
    // Else a walk that fails half-way would leave a claim whose newest run is there again.
    await context.store.forgetClaims(target.monitor.id);
    const nothing = { unfinishedWalk: null, syncedThrough: null, lastFullWalkAt: null, newestRun: null };
    const checkpoint = target.checkpoint && { ...target.checkpoint, ...nothing };
    return walkMonitor(context, { ...target, checkpoint }, { decision, reason: 'never_walked' });
  }
  try {
    if (decision === 'resume') return await resumeAndCatchUp(context, target);
    const walked = await walkFromTop(context, target, decision);
    return (await hold(context, target, walked)).pages;
  } catch (error) {
    // Pages that cannot be told apart lead a resumed walk past some of them, to an end that is none.
    if (error instanceof PagingError) await context.store.forgetUnfinishedWalk(target.monitor.id);
    throw error;
  }
}

function hold(context: WalkContext, target: WalkTarget, walked: Walked): Promise<Walked> {
  return holdAgainstListing(context, target, walked, (again) =>
    walkFromTop(context, again, nextKind(context, again)),
  );
}

/**
 * Goes on with an unfinished walk, and then reads what came since it began. A cursor may pin the list as it was when the
 * walk began, so the open runs that the rest of the walk has shown are asked for, unless the top shows them.
 */
async function resumeAndCatchUp(context: WalkContext, target: WalkTarget): Promise<number> {
  const open = new Map<string, Run>();
  const resuming = withOnSaved(context, (runs) => {
    for (const run of runs) if (!isFinal(run.status) && !hasEnded(run)) open.set(run.id, run);
  });
  const catchingUp = withOnSaved(context, (runs) => {
    for (const { id } of runs) open.delete(id);
  });
  const resumed = await resumeWalk(resuming, target);
  if (resumed.upToDate) return (await hold(context, target, resumed)).pages;
  const again = { ...target, checkpoint: resumed.checkpoint };
  const fromTop = await walkFromTop(catchingUp, again, nextKind(context, again));
  const held = await hold(catchingUp, again, fromTop);
  for (const runId of open.keys()) await askForRun(context, target.monitor.id, runId);
  return resumed.pages + held.pages;
}

function hasEnded({ completedAt, failedAt, canceledAt }: Run): boolean {
  return (completedAt ?? failedAt ?? canceledAt) !== null;
}

/** The same context; `onSaved` is called as well with what was saved. */
function withOnSaved(context: WalkContext, listen: (runs: readonly Run[]) => void): WalkContext {
  return {
    ...context,
    onSaved: (monitorId, runs, ...saved) => {
      listen(runs);
      context.onSaved(monitorId, runs, ...saved);
    },
  };
}

/**
 * Goes on at the stored cursor. When the API refuses it, or it was made with pages of another size, the walk starts again:
 * from the top, which needs no second walk. When it fails there in another way, and has done so for some cycles, the next
 * cycle starts from the top.
 */
async function resumeWalk(
  context: WalkContext,
  target: WalkTarget,
): Promise<Walked & { readonly upToDate: boolean }> {
  const unfinished = target.checkpoint?.unfinishedWalk ?? null;
  if (unfinished === null) {
    return { checkpoint: target.checkpoint, pages: 0, newestListed: 'not met', upToDate: false };
  }
  const { cursor, pageSize, ...state } = unfinished;
  const restart = async (): Promise<Walked & { readonly upToDate: boolean }> => {
    const walked = await restartWalk(context, target, state);
    // A walk down to a date leaves the rest of the list to the next one.
    return { ...walked, upToDate: context.since === null && walked.checkpoint?.lastFullWalkAt != null };
  };
  if (pageSize !== null && pageSize !== context.source.traits.pageSize) return restart();
  // The top of the list was read when the walk began: the listing of today is no evidence for what that showed.
  const asItWas = {
    ...target,
    monitor: { ...target.monitor, nextRunAt: target.checkpoint?.nextRunAt ?? null, lastRun: null },
  };
  let gotFurther = false;
  const watched = withOnSaved(context, () => {
    gotFurther = true;
  });
  try {
    return { ...(await walkPages(watched, asItWas, state, cursor)), upToDate: false };
  } catch (error) {
    if (error instanceof CursorRefusedError) return restart();
    if (error instanceof SkipMonitorError && !gotFurther) await giveUpStuckCursor(context, target);
    throw error;
  }
}

async function giveUpStuckCursor({ store }: WalkContext, { monitor, checkpoint }: WalkTarget): Promise<void> {
  const failuresInARow = (checkpoint?.consecutiveFailures ?? 0) + 1;
  if (isGivenUp(failuresInARow)) await store.forgetUnfinishedWalk(monitor.id);
}

async function walkFromTop(
  context: WalkContext,
  target: WalkTarget,
  kind: WalkState['kind'],
): Promise<Walked> {
  const { checkpoint } = target;
  const stopAt = checkpoint?.rose === true ? null : stopAtFor(kind, context, checkpoint);
  const state = startWalk(kind, stopAt, instantOf(context.nowMs()));
  try {
    return await walkPages(context, target, state, null);
  } catch (error) {
    if (!(error instanceof CursorRefusedError)) throw error;
    return restartWalk(context, target, state);
  }
}

/** Starts a walk over whose cursor is of no use any more. Once: a second refusal is the monitor's failure. */
async function restartWalk(context: WalkContext, target: WalkTarget, refused: WalkState): Promise<Walked> {
  await context.store.forgetUnfinishedWalk(target.monitor.id);
  const state = startWalk(refused.kind, refused.stopAt, instantOf(context.nowMs()));
  return walkPages(context, target, state, null);
}

/** After a resumed walk: what came since it began, or again down to the date that a person named. */
function nextKind(context: WalkContext, { checkpoint }: WalkTarget): WalkState['kind'] {
  if (context.since !== null) return 'since';
  return checkpoint?.lastFullWalkAt == null || checkpoint.rose ? 'full' : 'incremental';
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

/** Cycles in a row that have to fail at a stored cursor before it is first given up. */
const patience = 4;

/**
 * Whether a stored cursor that led nowhere is forgotten, so that the next walk starts at the top: an API may answer a
 * cursor of long ago with something else than a refusal, in every cycle. At growing distances (the 4th, 8th, 16th …
 * failure in a row): when it is not the cursor that is to blame, each start from the top costs requests in vain.
 */
function isGivenUp(failuresInARow: number): boolean {
  return failuresInARow >= patience && Number.isInteger(Math.log2(failuresInARow));
}
