import { instantMs, type Checkpoint, type ListedMonitor, type RunState } from '../model.ts';

const minuteMs = 60_000;

/** A schedule that fires right now has no run yet; cycles that start at full quarters of an hour meet that often. */
const firingMs = minuteMs;
/** How long after its schedule fired a run is waited for; a schedule may also fire without a run. */
const patienceMs = 60 * minuteMs;
/** How much before its instant a scheduled run may say that it was created. */
const earlyMs = 5 * minuteMs;

/** What the schedule says against skipping: that a run was due since the last walk. */
export function reasonOfSchedule(
  monitor: ListedMonitor,
  { nextRunAt }: Pick<Checkpoint, 'nextRunAt'>,
  nowMs: number,
): 'run_overdue' | 'schedule_moved' | null {
  if (isOverdue(monitor, nowMs)) return 'run_overdue';
  const sinceFiringMs = nextRunAt === null ? Number.NaN : nowMs - instantMs(nextRunAt);
  if (sinceFiringMs >= 0 && sinceFiringMs < firingMs) return null;
  return sameInstant(monitor.nextRunAt, nextRunAt) ? null : 'schedule_moved';
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
  const isSeen = newestRun !== null && instantMs(newestRun.createdAt) >= firedMs - earlyMs;
  return isAwaited && !isSeen ? before : listed;
}

function isOverdue(monitor: ListedMonitor, nowMs: number): boolean {
  return monitor.status === 'enabled' && monitor.nextRunAt !== null && instantMs(monitor.nextRunAt) <= nowMs;
}

/** Whether two instants, or their lack, are the same. */
export function sameInstant(a: string | null, b: string | null): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  return instantMs(a) === instantMs(b);
}
