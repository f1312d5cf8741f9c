import { listMonitors } from '../listing/list-monitors.ts';
import { dueOpenRuns } from './open-run-schedule.ts';
import { apiAheadMs, planMonitors, type PlannedMonitor } from './plan-monitors.ts';
import type { PlanReason } from './plan-monitor.ts';
import { instantMs } from '../model.ts';
import type { PlanDecision } from '../cycle-events.ts';
import type { MonitorSource, MonitorStates } from '../ports.ts';
import type { CycleOptions } from '../cycle-context.ts';

/** What `sync --dry-run --json` prints. Requests are estimates: how long a list is, only reading it tells. */
export interface DryRun {
  readonly monitors: readonly {
    readonly monitorId: string;
    readonly decision: PlanDecision;
    readonly reason: PlanReason;
    readonly estimatedRequests: number;
  }[];
  /** Asked for with `--monitor` and not in the listing. */
  readonly unlistedMonitors: readonly string[];
  /** Records of the listing that cannot be read as monitors; `monitorId` null when not even that can. */
  readonly unreadableMonitors: readonly { readonly monitorId: string | null; readonly reason: string }[];
  /** Open runs that would be asked for by id. */
  readonly openRuns: number;
  /** The listing, the walks and the open runs together. */
  readonly estimatedRequests: number;
  /** At the configured rate; null without a limit. */
  readonly estimatedSeconds: number | null;
}

export interface DryRunInput {
  readonly source: Pick<MonitorSource, 'traits' | 'listMonitors' | 'serverTimeMs'>;
  readonly states: MonitorStates;
  readonly nowMs: number;
  readonly options: CycleOptions;
  /** 0: no limit. */
  readonly requestsPerSecond: number;
}

/** Reads the listing, and nothing else, and says what a cycle would do now. */
export async function planDryRun(input: DryRunInput): Promise<DryRun> {
  const { source, states, nowMs, options, requestsPerSecond } = input;
  const listing = await listMonitors(source, options.only, () => Promise.resolve());
  const planned = planMonitors(source, listing.monitors, states, nowMs, options);
  const monitors = planned.map((monitor) => ({
    monitorId: monitor.monitor.id,
    ...monitor.plan,
    estimatedRequests: estimateRequests(monitor, input),
  }));
  const skipped = new Set(
    monitors.filter(({ decision }) => decision === 'skip').map(({ monitorId }) => monitorId),
  );
  // A walk mostly shows the open runs of its monitor.
  const openRuns = dueOpenRuns(states, options.only, nowMs, apiAheadMs(source, nowMs)).filter(
    ({ monitorId }) => skipped.has(monitorId),
  );
  const walks = monitors.reduce((sum, monitor) => sum + monitor.estimatedRequests, 0);
  const estimatedRequests = listing.pages + walks + openRuns.length;
  const known = new Set([...listing.monitors, ...listing.unreadable].map(({ id }) => id));
  const unreadable = listing.unreadable.filter(
    ({ id }) => options.only === null || (id !== null && options.only.has(id)),
  );
  return {
    monitors,
    unlistedMonitors: [...(options.only ?? [])].filter((id) => !known.has(id)),
    unreadableMonitors: unreadable.map(({ id, reason }) => ({ monitorId: id, reason })),
    openRuns: openRuns.length,
    estimatedRequests,
    estimatedSeconds: requestsPerSecond === 0 ? null : estimatedRequests / requestsPerSecond,
  };
}

const dayMs = 86_400_000;

/** A cadence fires at most once a day, so a monitor has hardly more runs than days. */
function estimateRequests({ monitor, plan }: PlannedMonitor, input: DryRunInput): number {
  const pages = (sinceMs: number): number =>
    Math.max(1, Math.ceil((input.nowMs - sinceMs) / dayMs / input.source.traits.pageSize));
  const all = pages(instantMs(monitor.createdAt));
  switch (plan.decision) {
    case 'skip':
      return 0;
    case 'incremental':
      return 1;
    case 'full':
      return all;
    case 'since':
      return input.options.since === null ? all : Math.min(all, pages(instantMs(input.options.since)));
    case 'resume': {
      const read = input.states.checkpoints.get(monitor.id)?.unfinishedWalk?.pages ?? 0;
      // The rest of the walk, and one page from the top for what came since.
      return Math.max(1, all - read) + 1;
    }
  }
}
