import pLimit from 'p-limit';
import { forMonitor, type CycleContext } from './cycle-context.ts';
import type { PlannedMonitor } from './plan-monitors.ts';
import type { MonitorStates } from './ports.ts';
import { walkMonitor, type WalkContext } from './walk.ts';

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
  const { options, tally, gate } = context;
  const limit = pLimit(walksAtOnce(options.concurrency));
  const walk = ({ monitor, plan }: PlannedMonitor): Promise<void> =>
    forMonitor(context, monitor.id, async () => {
      const checkpoint = states.checkpoints.get(monitor.id) ?? null;
      tally.walked(monitor.id, await walkMonitor(walkContext, { monitor, checkpoint }, plan));
    });
  const walks = planned.flatMap((entry) => {
    if (entry.plan.decision !== 'skip') return [limit(walk, entry)];
    tally.skipped(entry.monitor.id);
    return [];
  });
  await Promise.all(walks);
  gate.throwIfStopped();
}
