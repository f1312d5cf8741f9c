import type { Checkpoint, Monitor } from '../../src/sync/model.ts';
import { compareInstants, instantMs } from '../../src/sync/model.ts';
import { planMonitor, type MonitorPlan } from '../../src/sync/plan/plan-monitor.ts';
import { sameInstant } from '../../src/sync/plan/schedule-evidence.ts';
import { hourMs } from './world.ts';

/** What a variant of the plan knows of a monitor. */
export interface Knowledge {
  readonly checkpoint: Checkpoint | null;
  readonly openRuns: number;
  readonly lastWalkMs: number;
}

type Decide = (monitor: Monitor, knowledge: Knowledge, nowMs: number) => MonitorPlan['decision'];

/** A way to decide which monitors a cycle walks. */
export interface Variant {
  readonly name: string;
  readonly decide: Decide;
  /** Whether a schedule that has fired counts until its run was seen. */
  readonly awaitsRuns: boolean;
  /** Between listings, monitors are walked that the events feed names. Null: the listing is read in each cycle. */
  readonly listingEveryMs: number | null;
}

const options = { full: false, since: null, fullWalkDays: 7, walkAtLeastEveryMs: 6 * hourMs };

function plan(monitor: Monitor, { checkpoint, openRuns }: Knowledge, nowMs: number): MonitorPlan {
  return planMonitor({
    monitor,
    checkpoint,
    youngOpenRuns: openRuns,
    hasRejectedRuns: false,
    rowsAreMissing: false,
    showsNewestRun: true,
    apiAheadMs: 0,
    // Cycles come every quarter of an hour.
    previousCycleMs: nowMs - hourMs / 4,
    nowMs,
    options,
  });
}

const asBuilt: Decide = (monitor, knowledge, nowMs) => plan(monitor, knowledge, nowMs).decision;

/** As if the schedule said nothing. */
function withoutSchedule(monitor: Monitor, knowledge: Knowledge, nowMs: number): MonitorPlan {
  const { checkpoint } = knowledge;
  const blind = checkpoint === null ? null : { ...checkpoint, nextRunAt: null };
  return plan({ ...monitor, nextRunAt: null }, { ...knowledge, checkpoint: blind }, nowMs);
}

/** `lastRun` alone; open runs are asked for by id. */
const byLastRunOnly: Decide = (monitor, knowledge, nowMs) => {
  const { decision, reason } = withoutSchedule(monitor, { ...knowledge, openRuns: 0 }, nowMs);
  return reason === 'newest_run_unknown' ? 'skip' : decision;
};

const withOverdueCheck: Decide = (monitor, knowledge, nowMs) => {
  const isOverdue = monitor.nextRunAt !== null && instantMs(monitor.nextRunAt) <= nowMs;
  const { decision } = withoutSchedule(monitor, knowledge, nowMs);
  return decision === 'skip' && isOverdue ? 'incremental' : decision;
};

const withMovedSchedule: Decide = (monitor, knowledge, nowMs) => {
  const decision = withOverdueCheck(monitor, knowledge, nowMs);
  const moved = !sameInstant(monitor.nextRunAt, knowledge.checkpoint?.nextRunAt ?? null);
  return decision === 'skip' && moved ? 'incremental' : decision;
};

/** A `lastRun` that is null or older than what is known says nothing: another look only after a while. */
function withUselessLastRun(atLeastMs: number): Decide {
  return (monitor, knowledge, nowMs) => {
    const { decision, reason } = plan(monitor, knowledge, nowMs);
    const { lastRun } = monitor;
    const known = knowledge.checkpoint?.newestRun ?? null;
    const saysNothing =
      reason === 'newest_run_unknown' ||
      (['newest_run_changed', 'newest_run_open'].includes(reason) &&
        lastRun !== null &&
        known !== null &&
        lastRun.id !== known.id &&
        compareInstants(lastRun.createdAt, known.createdAt) <= 0);
    return saysNothing && nowMs - knowledge.lastWalkMs < atLeastMs ? 'skip' : decision;
  };
}

const everyCycle = { awaitsRuns: false, listingEveryMs: null };

export const variants: readonly Variant[] = [
  {
    name: 'always walk',
    decide: (_, { checkpoint }) => (checkpoint === null ? 'full' : 'incremental'),
    ...everyCycle,
  },
  { name: 'skip by `lastRun` only', decide: byLastRunOnly, ...everyCycle },
  { name: '… with the overdue check', decide: withOverdueCheck, ...everyCycle },
  { name: '… and when `nextRunAt` moved', decide: withMovedSchedule, ...everyCycle },
  { name: '**as built**: … until its run was seen', decide: asBuilt, ...everyCycle, awaitsRuns: true },
  {
    name: '… and a useless `lastRun` every 6 h',
    decide: withUselessLastRun(6 * hourMs),
    ...everyCycle,
    awaitsRuns: true,
  },
  { name: 'events, listing every hour', decide: asBuilt, awaitsRuns: true, listingEveryMs: hourMs },
  { name: 'events, listing every day', decide: asBuilt, awaitsRuns: true, listingEveryMs: 24 * hourMs },
];
