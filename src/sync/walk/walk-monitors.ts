import pLimit from 'p-limit';
import { forMonitor, type CycleContext } from '../cycle-context.ts';
import type { PlannedMonitor } from '../plan/plan-monitors.ts';
import type { MonitorStates } from '../ports.ts';
import { walkMonitor } from './walk.ts';
import type { WalkContext } from './walk-pages.ts';

/** More walks than requests: while some of them wait for the database, the others keep the requests going. */
export function walksAtOnce(concurrency: number): number {
  return concurrency + Math.floor(concurrency / 4);
}

/** Walks the planned monitors, several at once, each one page after page. */
export async function walkMonitors(
  context: CycleContext,
  walkContext: WalkContext,
  planned: readonly PlannedMonitor[],
  states: MonitorStates,
): Promise<void> {
  const { concurrency, tally, gate } = context;
  const limit = pLimit(walksAtOnce(concurrency));
  const walk = ({ monitor, plan }: PlannedMonitor): Promise<void> =>
    forMonitor(context, monitor.id, async () => {
      const checkpoint = states.checkpoints.get(monitor.id) ?? null;
      tally.walked(monitor.id, await walkMonitor(walkContext, { monitor, checkpoint }, plan));
    });
  const walks = withFailuresLast(planned, states).flatMap((entry) => {
    const { monitor, plan } = entry;
    if (plan.decision !== 'skip') return [limit(walk, entry)];
    tally.skipped(monitor.id);
    return [];
  });
  await Promise.all(walks);
  gate.throwIfStopped();
}

/**
 * What fails costs several retries, and a cycle has only so many of them before it takes what it sees for an outage.
 * Monitors that the API cannot read for days come last, or they would use up the retries that the others need.
 */
function withFailuresLast(
  planned: readonly PlannedMonitor[],
  { checkpoints }: Pick<MonitorStates, 'checkpoints'>,
): readonly PlannedMonitor[] {
  const failures = ({ monitor }: PlannedMonitor): number =>
    checkpoints.get(monitor.id)?.consecutiveFailures ?? 0;
  return planned.toSorted((a, b) => failures(a) - failures(b));
}
