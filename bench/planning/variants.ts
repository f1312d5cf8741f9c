import type { Checkpoint, Monitor, RunState } from '../../src/sync/model.ts';
import { planMonitor, type MonitorPlan } from '../../src/sync/plan.ts';
import { hourMs } from './world.ts';

/** What a variant of the plan knows of a monitor. */
export interface Knowledge {
  readonly checkpoint: Checkpoint | null;
  readonly openRuns: number;
  readonly lastWalkMs: number;
  /** The `lastRun` that the listing showed when the monitor was walked last. */
  readonly listedThen: RunState | null;
}

/** A way to decide which monitors a cycle walks. */
export interface Variant {
  readonly name: string;
  readonly decide: (monitor: Monitor, knowledge: Knowledge, nowMs: number) => MonitorPlan['decision'];
  /** Between listings, monitors are walked that the events feed names. Null: the listing is read in each cycle. */
  readonly listingEveryMs: number | null;
}

const options = { full: false, since: null, fullWalkDays: 7 };

function asBuilt(monitor: Monitor, { checkpoint, openRuns }: Knowledge, nowMs: number): MonitorPlan {
  return planMonitor({
    monitor,
    checkpoint,
    youngOpenRuns: openRuns,
    hasRejectedRuns: false,
    nowMs,
    options,
  });
}

const built: Variant = {
  name: 'as built',
  decide: (monitor, knowledge, nowMs) => asBuilt(monitor, knowledge, nowMs).decision,
  listingEveryMs: null,
};

/** The plan as built, but for these reasons to look. */
function without(reasons: readonly MonitorPlan['reason'][]): Variant['decide'] {
  return (monitor, knowledge, nowMs) => {
    const { decision, reason } = asBuilt(monitor, knowledge, nowMs);
    return reasons.includes(reason) ? 'skip' : decision;
  };
}

/** A `lastRun` that has not moved since the last walk is no reason to look again, but for once in `atLeastMs`. */
function onlyMoved(atLeastMs: number): Variant['decide'] {
  return (monitor, knowledge, nowMs) => {
    const { decision, reason } = asBuilt(monitor, knowledge, nowMs);
    const aboutLastRun =
      reason === 'newest_run_changed' || reason === 'newest_run_unknown' || reason === 'newest_run_open';
    if (!aboutLastRun || nowMs - knowledge.lastWalkMs >= atLeastMs) return decision;
    return sameState(monitor.lastRun, knowledge.listedThen) ? 'skip' : decision;
  };
}

function sameState(a: RunState | null, b: RunState | null): boolean {
  if (a === null || b === null) return a === b;
  return a.id === b.id && a.status === b.status && a.updatedAt === b.updatedAt;
}

/** `lastRun` alone: neither open runs nor the schedule count; open runs are asked for by id. */
const byLastRunOnly: Variant['decide'] = (monitor, knowledge, nowMs) => {
  const { checkpoint } = knowledge;
  if (checkpoint === null) return 'full';
  const blind = { ...monitor, nextRunAt: null };
  const { decision, reason } = asBuilt(
    blind,
    { ...knowledge, openRuns: 0, checkpoint: { ...checkpoint, nextRunAt: null } },
    nowMs,
  );
  return reason === 'newest_run_unknown' ? 'skip' : decision;
};

/** With the overdue check, but blind for a `nextRunAt` that has moved. */
const withOverdueCheck: Variant['decide'] = (monitor, knowledge, nowMs) => {
  const { checkpoint } = knowledge;
  const blind = checkpoint === null ? null : { ...checkpoint, nextRunAt: monitor.nextRunAt };
  return asBuilt(monitor, { ...knowledge, checkpoint: blind }, nowMs).decision;
};

export const variants: readonly Variant[] = [
  {
    name: 'always walk',
    decide: (_, { checkpoint }) => (checkpoint === null ? 'full' : 'incremental'),
    listingEveryMs: null,
  },
  { name: 'skip by `lastRun` only', decide: byLastRunOnly, listingEveryMs: null },
  { name: '… and overdue check', decide: withOverdueCheck, listingEveryMs: null },
  built,
  {
    name: 'as built, `lastRun` only when it moved, or after 6 h',
    decide: onlyMoved(6 * hourMs),
    listingEveryMs: null,
  },
  {
    name: 'as built, `lastRun` only when it moved, or after 24 h',
    decide: onlyMoved(24 * hourMs),
    listingEveryMs: null,
  },
  {
    name: 'as built, unusable `lastRun` ignored',
    decide: without(['newest_run_unknown']),
    listingEveryMs: null,
  },
  { name: 'events feed, listing every hour', decide: built.decide, listingEveryMs: hourMs },
  { name: 'events feed, listing every day', decide: built.decide, listingEveryMs: 24 * hourMs },
];
