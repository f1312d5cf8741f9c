import pLimit from 'p-limit';
import { forMonitor, type CycleContext } from './cycle-context.ts';
import type { Checkpoint } from './model.ts';
import type { PlannedMonitor } from './plan-monitors.ts';
import type { MonitorStates } from './ports.ts';
import { walkMonitor, type WalkContext } from './walk.ts';

/** More walks than requests: while some of them wait for the database, the others keep the requests going. */
export function walksAtOnce(concurrency: number): number {
  return concurrency + Math.floor(concurrency / 4);
}

/**
 * Walks the planned monitors, several at once, each one page after page.
 * @returns the checkpoints of all monitors after it.
 */
export async function walkMonitors(
  context: CycleContext,
  walkContext: WalkContext,
  planned: readonly PlannedMonitor[],
  states: MonitorStates,
): Promise<ReadonlyMap<string, Checkpoint>> {
  const { options, tally, gate } = context;
  const checkpoints = new Map(states.checkpoints);
  const limit = pLimit(walksAtOnce(options.concurrency));
  const walk = ({ monitor, plan }: PlannedMonitor): Promise<void> =>
    forMonitor(context, monitor.id, async () => {
      const before = states.checkpoints.get(monitor.id) ?? null;
      const { checkpoint, pages } = await walkMonitor(walkContext, { monitor, checkpoint: before }, plan);
      if (checkpoint !== null) checkpoints.set(monitor.id, checkpoint);
      tally.walked(monitor.id, pages);
    });
  const walks = withFailuresLast(planned, states).flatMap((entry) => {
    if (entry.plan.decision !== 'skip') return [limit(walk, entry)];
    tally.skipped(entry.monitor.id);
    return [];
  });
  await Promise.all(walks);
  gate.throwIfStopped();
  return checkpoints;
}

/**
 * What fails costs several retries, and a cycle has only so many of them before it takes what it sees for an outage.
 * Monitors that the API cannot read for days would use them up in front of the others, which no cycle would get to.
 */
function withFailuresLast(
  planned: readonly PlannedMonitor[],
  { checkpoints }: Pick<MonitorStates, 'checkpoints'>,
): readonly PlannedMonitor[] {
  const failures = ({ monitor }: PlannedMonitor): number =>
    checkpoints.get(monitor.id)?.consecutiveFailures ?? 0;
  return planned.toSorted((a, b) => failures(a) - failures(b));
}
