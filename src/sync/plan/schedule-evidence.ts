import { compareInstants, instantMs, type Checkpoint, type ListedMonitor, type RunState } from '../model.ts';
import { intervalMs, isDue } from './open-run-schedule.ts';

const minuteMs = 60_000;

/** A schedule that fires right now has no run yet; cycles that start at full quarters of an hour meet that often. */
const firingMs = minuteMs;
/** How long after its schedule fired a run is waited for; a schedule may also fire without a run. */
const patienceMs = 60 * minuteMs;
/** How much before its instant a scheduled run may say that it was created. */
const earlyMs = 5 * minuteMs;
/** A schedule that stands still is looked at in every cycle for an hour, then as seldom as a run that is stuck. */
const dayMs = 24 * 60 * minuteMs;

/** What the schedule says against skipping: that a run was due since the last walk. */
export function reasonOfSchedule(
  monitor: ListedMonitor,
  { nextRunAt }: Pick<Checkpoint, 'nextRunAt'>,
  nowMs: number,
  previousCycleMs: number | null,
): 'run_overdue' | 'schedule_moved' | null {
  const stands = sameInstant(monitor.nextRunAt, nextRunAt);
  if (isOverdue(monitor, nowMs) && (!stands || isLookedAt(monitor.nextRunAt, nowMs, previousCycleMs))) {
    return 'run_overdue';
  }
  const sinceFiringMs = nextRunAt === null ? Number.NaN : nowMs - instantMs(nextRunAt);
  if (sinceFiringMs >= 0 && sinceFiringMs < firingMs) return null;
  return stands ? null : 'schedule_moved';
}

/**
 * The `nextRunAt` that a walk leaves in the checkpoint. One that has passed stays until the run that it announced has
 * been seen: it may be created a little after the schedule has moved on, and a moved schedule is evidence only once.
 */
export function awaitedRunAt(
  listed: string | null,
  before: string | null,
  newestRun: RunState | null,
  nowMs: number,
): string | null {
  if (before === null) return listed;
  const firedMs = instantMs(before);
  const isAwaited = firedMs <= nowMs && nowMs < firedMs + patienceMs;
  // A run dated in the future is not the one that was announced.
  const createdMs = newestRun === null ? Number.NaN : instantMs(newestRun.createdAt);
  const isSeen = createdMs >= firedMs - earlyMs && createdMs <= nowMs + earlyMs;
  return isAwaited && !isSeen ? before : listed;
}

/** The words for a monitor that fires, of either API. */
const firing: ReadonlySet<string> = new Set(['enabled', 'active']);

function isOverdue(monitor: ListedMonitor, nowMs: number): boolean {
  return firing.has(monitor.status) && monitor.nextRunAt !== null && instantMs(monitor.nextRunAt) <= nowMs;
}

/** Where credits are gone, all schedules stand still: to look at each of them in every cycle would cost much for nothing. */
function isLookedAt(dueAt: string | null, nowMs: number, previousCycleMs: number | null): boolean {
  if (dueAt === null) return false;
  const dueMs = instantMs(dueAt);
  const overdueMs = nowMs - dueMs;
  if (overdueMs < patienceMs) return true;
  return isDue(
    dueMs,
    overdueMs < dayMs ? patienceMs : intervalMs(Math.max(7 * dayMs, overdueMs)),
    nowMs,
    previousCycleMs,
  );
}

/** Whether two instants, or their lack, are the same. */
export function sameInstant(a: string | null, b: string | null): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  return compareInstants(a, b) === 0;
}
