import type { CycleOptions } from '../cycle-context.ts';
import type { ListedMonitor } from '../model.ts';
import { isYoung } from './open-run-schedule.ts';
import { planMonitor, type MonitorPlan } from './plan-monitor.ts';
import type { MonitorStates, PlanDecision } from '../ports.ts';

/** A monitor with what a cycle does with it. */
export interface PlannedMonitor {
  readonly monitor: ListedMonitor;
  readonly plan: MonitorPlan;
}

/** Plans every monitor against what the warehouse knows of it. */
export function planMonitors(
  monitors: readonly ListedMonitor[],
  states: Omit<MonitorStates, 'previousCycleAt'>,
  nowMs: number,
  options: Pick<CycleOptions, 'full' | 'since' | 'fullWalkDays'>,
): readonly PlannedMonitor[] {
  return monitors.map((monitor) => ({
    monitor,
    plan: planMonitor({
      monitor,
      checkpoint: states.checkpoints.get(monitor.id) ?? null,
      youngOpenRuns:
        states.openRuns.get(monitor.id)?.filter((run) => isYoung(run.createdAt, nowMs)).length ?? 0,
      hasRejectedRuns: states.monitorsWithRejectedRuns.has(monitor.id),
      nowMs,
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
