import { SkipMonitorError } from '../errors.ts';
import { compareInstants, type RunState } from '../model.ts';
import { askForRun } from './ask-for-run.ts';
import type { Walked, WalkContext, WalkTarget } from './walk-pages.ts';

/**
 * Holds what the listing of this cycle has shown against a walk of the same cycle: a server that lags behind may have
 * answered either. When the API, asked by id, agrees with the listing, the list is read once more; when it agrees with
 * the list, it is the listing that is wrong.
 * @throws SkipMonitorError when the list still does not show what the API has.
 */
export async function holdAgainstListing(
  context: WalkContext,
  target: WalkTarget,
  walked: Walked,
  walkAgain: (target: WalkTarget) => Promise<Walked>,
): Promise<Walked> {
  const { lastRun, id: monitorId } = target.monitor;
  if (lastRun === null || !isBehind(walked, lastRun)) return walked;
  const { run } = await askForRun(context, monitorId, lastRun.id);
  if (run === null || !isBehind(walked, run)) return walked;
  const again = await walkAgain({ ...target, checkpoint: walked.checkpoint });
  if (isBehind(again, run)) {
    throw new SkipMonitorError(
      `runs of monitor ${monitorId}: the list does not show run ${run.id} as the API has it; its answers disagree`,
    );
  }
  return { ...again, pages: walked.pages + again.pages };
}

/** Whether a walk lacks a run that lies above all that it has met, or met it in an older state. */
function isBehind({ newestListed, checkpoint }: Walked, run: RunState): boolean {
  if (newestListed === 'rejected') return false;
  if (newestListed !== 'not met') return compareInstants(newestListed.updatedAt, run.updatedAt) < 0;
  const newest = checkpoint?.newestRun ?? null;
  return newest === null || compareInstants(newest.createdAt, run.createdAt) <= 0;
}
