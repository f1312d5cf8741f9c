import { hashFraction } from './hash-fraction.ts';
import type { Checkpoint, ListedMonitor, RunState } from '../model.ts';
import { instantMs, isFinal } from '../model.ts';
import type { PlanDecision } from '../cycle-events.ts';
import { isYoung } from './open-run-schedule.ts';
import { reasonOfSchedule, sameInstant } from './schedule-evidence.ts';

/** Why a monitor is walked or skipped; the words of `--dry-run` and of the metrics. */
export type PlanReason =
  | 'full_requested'
  | 'since_requested'
  | 'rows_missing'
  | 'unfinished_walk'
  | 'never_walked'
  | 'full_walk_due'
  | 'failed_before'
  | 'answers_disagreed'
  | 'open_runs'
  | 'run_overdue'
  | 'schedule_moved'
  | 'newest_run_unknown'
  | 'newest_run_open'
  | 'newest_run_changed'
  | 'walk_due'
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
  /** How long a monitor that does not show its newest run goes unread at most. */
  readonly walkAtLeastEveryMs: number;
}

export interface PlanInput {
  readonly monitor: ListedMonitor;
  /** Null: this monitor has never been walked. */
  readonly checkpoint: Checkpoint | null;
  /** Open runs of this monitor that are young enough to be expected on the first page. */
  readonly youngOpenRuns: number;
  readonly hasRejectedRuns: boolean;
  /** The run that the checkpoint claims is not stored, so nothing that it claims counts. */
  readonly rowsAreMissing: boolean;
  /** Whether the source's listing shows the newest run of a monitor. */
  readonly showsNewestRun: boolean;
  readonly nowMs: number;
  /** How far the API's clock, by which its instants go, is ahead of the one of `nowMs`. */
  readonly apiAheadMs: number;
  /** When the last cycle over all monitors began; null before the first. */
  readonly previousCycleMs: number | null;
  readonly options: PlanOptions;
}

const dayMs = 86_400_000;

/** How far ahead what was noted earlier may seem to lie; further, and the clock was wrong then or is now. */
const clockErrorMs = dayMs;

/** A run that was created so far ahead of the API's clock is dated in the future. */
const futureMs = 5 * 60_000;

/** Full walks fall due over the last part of their period, so that monitors first seen together drift apart. */
const fullWalkSpread = 1 / 7;

/** Decides what a cycle does with one monitor. Skipping needs positive evidence that there is nothing to read. */
export function planMonitor(input: PlanInput): MonitorPlan {
  const { checkpoint, options } = input;
  if (options.full) return { decision: 'full', reason: 'full_requested' };
  if (input.rowsAreMissing) return { decision: 'full', reason: 'rows_missing' };
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
  if (reason === null) return { decision: 'skip', reason: 'nothing_new' };
  return { decision: checkpoint.rose ? 'full' : 'incremental', reason };
}

/** What speaks against skipping, or null. */
function reasonToLook(input: PlanInput, checkpoint: Checkpoint): PlanReason | null {
  const { monitor, nowMs, apiAheadMs, previousCycleMs } = input;
  if (checkpoint.consecutiveFailures > 0) return 'failed_before';
  if (checkpoint.lookAgain) return 'answers_disagreed';
  if (input.youngOpenRuns > 0) return 'open_runs';
  const apiNowMs = nowMs + apiAheadMs;
  const previousMs = previousCycleMs === null ? null : previousCycleMs + apiAheadMs;
  const reason = reasonOfSchedule(monitor, checkpoint, apiNowMs, previousMs);
  if (reason !== null) return reason;
  return input.showsNewestRun
    ? reasonOfNewestRun(input, checkpoint, apiNowMs)
    : reasonOfAge(checkpoint, nowMs, input.options.walkAtLeastEveryMs);
}

/**
 * What the listed newest run says. It may lag, be null or be wrong, so it only counts as evidence together with the
 * schedule: a `nextRunAt` that has passed or moved says that a run was due.
 */
function reasonOfNewestRun(
  { monitor: { lastRun }, hasRejectedRuns }: PlanInput,
  checkpoint: Checkpoint,
  apiNowMs: number,
): PlanReason | null {
  if (lastRun === null) {
    const foundNothing = checkpoint.newestRun === null && !hasRejectedRuns;
    return foundNothing ? null : 'newest_run_unknown';
  }
  // It would stay the newest run until its date, whatever runs are created before.
  if (instantMs(lastRun.createdAt) - apiNowMs > futureMs) return 'newest_run_unknown';
  if (!isFinal(lastRun.status) && isYoung(lastRun.createdAt, apiNowMs)) return 'newest_run_open';
  return sameRunState(lastRun, checkpoint.newestRun) ? null : 'newest_run_changed';
}

/** Where no listing shows a run that was started by hand, only reading the list does. */
function reasonOfAge(
  { lastWalkAt }: Checkpoint,
  nowMs: number,
  walkAtLeastEveryMs: number,
): PlanReason | null {
  if (lastWalkAt === null) return 'walk_due';
  const ageMs = nowMs - instantMs(lastWalkAt);
  return ageMs >= walkAtLeastEveryMs || ageMs < -clockErrorMs ? 'walk_due' : null;
}

function sameRunState(a: RunState, b: RunState | null): boolean {
  return b !== null && a.id === b.id && a.status === b.status && sameInstant(a.updatedAt, b.updatedAt);
}

/** When the next full walk of a monitor falls due: between 6/7 and the whole of the period after the last one began. */
export function fullWalkDueAtMs(monitorId: string, lastFullWalkAt: string, fullWalkDays: number): number {
  const periodMs = fullWalkDays * dayMs;
  return instantMs(lastFullWalkAt) + periodMs * (1 - fullWalkSpread * hashFraction(monitorId));
}
