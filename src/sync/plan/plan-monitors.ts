import type { CycleOptions } from '../cycle-context.ts';
import { instantMs, type ListedMonitor } from '../model.ts';
import { isAwaited } from './open-run-schedule.ts';
import { planMonitor, type MonitorPlan } from './plan-monitor.ts';
import type { PlanDecision } from '../cycle-events.ts';
import type { MonitorSource, MonitorStates } from '../ports.ts';

/** A monitor with what a cycle does with it. */
export interface PlannedMonitor {
  readonly monitor: ListedMonitor;
  readonly plan: MonitorPlan;
}

/** Below this the API's clock and this machine's are taken for the same: an answer's date has whole seconds. */
const clockToleranceMs = 60_000;

/** How far the API's clock is ahead of this machine's, right after an answer and as far as that matters. */
export function apiAheadMs(source: Pick<MonitorSource, 'serverTimeMs'>, nowMs: number): number {
  const aheadMs = (source.serverTimeMs() ?? nowMs) - nowMs;
  return Math.abs(aheadMs) < clockToleranceMs ? 0 : aheadMs;
}

/** Plans every monitor against what the warehouse knows of it. */
export function planMonitors(
  source: Pick<MonitorSource, 'traits' | 'serverTimeMs'>,
  monitors: readonly ListedMonitor[],
  states: MonitorStates,
  nowMs: number,
  options: Pick<CycleOptions, 'full' | 'since' | 'fullWalkDays' | 'walkAtLeastEveryMs'>,
): readonly PlannedMonitor[] {
  const aheadMs = apiAheadMs(source, nowMs);
  const { showsNewestRun } = source.traits;
  const previousCycleMs = states.previousCycleAt === null ? null : instantMs(states.previousCycleAt);
  return monitors.map((monitor) => ({
    monitor,
    plan: planMonitor({
      monitor,
      checkpoint: states.checkpoints.get(monitor.id) ?? null,
      youngOpenRuns:
        states.openRuns.get(monitor.id)?.filter((run) => isAwaited(run, nowMs + aheadMs)).length ?? 0,
      hasRejectedRuns: states.monitorsWithRejectedRuns.has(monitor.id),
      rowsAreMissing: states.monitorsWithMissingRows.has(monitor.id),
      showsNewestRun,
      nowMs,
      apiAheadMs: aheadMs,
      previousCycleMs,
      options,
    }),
  }));
}

/** How many monitors each decision has. */
export function countDecisions(planned: readonly PlannedMonitor[]): Record<PlanDecision, number> {
  const decisions = { skip: 0, resume: 0, incremental: 0, full: 0, since: 0 };
  for (const { plan } of planned) decisions[plan.decision] += 1;
  return decisions;
}
