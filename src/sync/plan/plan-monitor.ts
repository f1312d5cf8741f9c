import { hashFraction } from './hash-fraction.ts';
import type { Checkpoint, ListedMonitor, RunState } from '../model.ts';
import { instantMs, isFinal } from '../model.ts';
import type { PlanDecision } from '../ports.ts';
import { reasonOfSchedule, sameInstant } from './schedule-evidence.ts';

/** Why a monitor is walked or skipped; the words of `--dry-run` and of the metrics. */
export type PlanReason =
  | 'full_requested'
  | 'since_requested'
  | 'unfinished_walk'
  | 'never_walked'
  | 'full_walk_due'
  | 'failed_before'
  | 'open_runs'
  | 'run_overdue'
  | 'schedule_moved'
  | 'newest_run_unknown'
  | 'newest_run_open'
  | 'newest_run_changed'
  | 'nothing_new';

export interface MonitorPlan {
  readonly decision: PlanDecision;
  readonly reason: PlanReason;
}

interface PlanOptions {
  /** Walk every monitor to the end of its list. */
  readonly full: boolean;
  /** Walk every monitor down to this instant (RFC 3339), whatever is covered. */
  readonly since: string | null;
  readonly fullWalkDays: number;
}

export interface PlanInput {
  readonly monitor: ListedMonitor;
  /** Null: this monitor has never been walked. */
  readonly checkpoint: Checkpoint | null;
  /** Open runs of this monitor that are young enough to be expected on the first page. */
  readonly youngOpenRuns: number;
  readonly hasRejectedRuns: boolean;
  readonly nowMs: number;
  readonly options: PlanOptions;
}

const dayMs = 86_400_000;

/** How far ahead the last full walk may seem to lie; further, and the clock was wrong then or is now. */
const clockErrorMs = dayMs;

/** Full walks fall due over the last part of their period, so that monitors first seen together drift apart. */
const fullWalkSpread = 1 / 7;

/** Decides what a cycle does with one monitor. Skipping needs positive evidence that there is nothing to read. */
export function planMonitor(input: PlanInput): MonitorPlan {
  const { checkpoint, options } = input;
  if (options.full) return { decision: 'full', reason: 'full_requested' };
  if (checkpoint?.unfinishedWalk) return { decision: 'resume', reason: 'unfinished_walk' };
  if (options.since !== null) return { decision: 'since', reason: 'since_requested' };
  if (checkpoint === null || checkpoint.lastFullWalkAt === null) {
    return { decision: 'full', reason: 'never_walked' };
  }
  const wasAhead = instantMs(checkpoint.lastFullWalkAt) - input.nowMs > clockErrorMs;
  const dueAtMs = fullWalkDueAtMs(checkpoint.monitorId, checkpoint.lastFullWalkAt, options.fullWalkDays);
  if (wasAhead || input.nowMs >= dueAtMs) {
    return { decision: 'full', reason: 'full_walk_due' };
  }
  const reason = reasonToLook(input, checkpoint);
  return reason === null ? { decision: 'skip', reason: 'nothing_new' } : { decision: 'incremental', reason };
}

/**
 * What speaks against skipping, or null. The listing's `lastRun` may lag, be null or be wrong, so it only counts as
 * evidence together with the schedule: a `nextRunAt` that has passed or moved says that a run was due.
 */
function reasonToLook(input: PlanInput, checkpoint: Checkpoint): PlanReason | null {
  const { monitor } = input;
  if (checkpoint.consecutiveFailures > 0) return 'failed_before';
  if (input.youngOpenRuns > 0) return 'open_runs';
  const reason = reasonOfSchedule(monitor, checkpoint, input.nowMs);
  if (reason !== null) return reason;
  if (monitor.lastRun === null) {
    const foundNothing = checkpoint.newestRun === null && !input.hasRejectedRuns;
    return foundNothing ? null : 'newest_run_unknown';
  }
  if (!isFinal(monitor.lastRun.status)) return 'newest_run_open';
  return sameRunState(monitor.lastRun, checkpoint.newestRun) ? null : 'newest_run_changed';
}

function sameRunState(a: RunState, b: RunState | null): boolean {
  return b !== null && a.id === b.id && a.status === b.status && sameInstant(a.updatedAt, b.updatedAt);
}

/** When the next full walk of a monitor falls due: between 6/7 and the whole of the period after the last one began. */
export function fullWalkDueAtMs(monitorId: string, lastFullWalkAt: string, fullWalkDays: number): number {
  const periodMs = fullWalkDays * dayMs;
  return instantMs(lastFullWalkAt) + periodMs * (1 - fullWalkSpread * hashFraction(monitorId));
}
