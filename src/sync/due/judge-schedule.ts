import { instantMs, instantOf, latest } from '../model.ts';
import type { DueTime, JudgedSchedule, ScheduleWork } from './due-store.ts';
import { longestGapMs, type Schedule, type ScheduleReader } from './schedule.ts';

export interface DueRules {
  readonly schedules: ScheduleReader;
  /** Up to here the runs of the monitor are known. */
  readonly coveredAt: string;
  /** How long after its due time a run is still in time. */
  readonly graceMs: number;
  /** Whether they are: only then is anything judged. */
  readonly isCovered: boolean;
}

/** A monitor that has been away for long is caught up with over several cycles. */
const mostAtOnce = 400;

/**
 * What is due of a monitor, as far as its schedule is known: since its record last changed at Exa. A due time counts when
 * the record has stood from then until the grace was over; of what was due before a change nothing is guessed.
 * @returns null when nothing has changed and nothing was due.
 */
export function judgeSchedule(work: ScheduleWork, rules: DueRules): JudgedSchedule | null {
  const schedule = work.isActive ? rules.schedules.scheduleOf(work) : null;
  const known = hasChanged(work)
    ? startOver(work, schedule, rules.coveredAt)
    : { changed: null, firstMs: instantMsOrNull(work.kept?.nextDueAt ?? null) };
  const { due, nextMs } = takeDue(schedule, known.firstMs, rules);
  if (known.changed === null && due.length === 0) return null;
  return {
    monitorId: work.id,
    changed: known.changed,
    nextDueAt: nextMs === null ? null : instantOf(nextMs),
    due,
  };
}

function hasChanged({ kept, scheduleKey, updatedAt }: ScheduleWork): boolean {
  if (kept === null || kept.scheduleKey !== scheduleKey) return true;
  return instantMs(updatedAt) > instantMs(kept.knownSince);
}

function startOver(work: ScheduleWork, schedule: Schedule | null, coveredAt: string) {
  const knownSince = knownSinceOf(work, coveredAt);
  const gapMs = schedule === null ? null : longestGapMs(schedule, instantMs(coveredAt));
  const longestGapSeconds = gapMs === null ? null : gapMs / 1000;
  return {
    changed: { scheduleKey: work.scheduleKey, knownSince, longestGapSeconds },
    firstMs: schedule?.nextAfter(instantMs(knownSince)) ?? null,
  };
}

/**
 * When a record tells another schedule than before and not since when, as that of a monitor does that was absent for a
 * while, it is known from now on.
 */
function knownSinceOf({ kept, createdAt, updatedAt }: ScheduleWork, coveredAt: string): string {
  const toldAt = latest(createdAt, updatedAt);
  return kept !== null && instantMs(toldAt) <= instantMs(kept.knownSince) ? coveredAt : toldAt;
}

function takeDue(
  schedule: Schedule | null,
  firstMs: number | null,
  { coveredAt, graceMs, isCovered }: DueRules,
): { readonly due: readonly DueTime[]; readonly nextMs: number | null } {
  const due: DueTime[] = [];
  let nextMs = schedule === null ? null : firstMs;
  if (schedule === null || !isCovered) return { due, nextMs };
  const toleratedMs = graceMs + schedule.latenessMs;
  const throughMs = instantMs(coveredAt) - toleratedMs;
  while (nextMs !== null && nextMs <= throughMs && due.length < mostAtOnce) {
    const dueMs = nextMs;
    nextMs = schedule.nextAfter(dueMs);
    // The last time of a schedule that ends: what comes at any time after it may be its run.
    const untilMs = nextMs ?? Math.max(instantMs(coveredAt), dueMs + toleratedMs);
    due.push({
      dueAt: instantOf(dueMs),
      nextDueAt: instantOf(untilMs),
      inTimeUntil: instantOf(dueMs + toleratedMs),
    });
  }
  return { due, nextMs };
}

function instantMsOrNull(instant: string | null): number | null {
  return instant === null ? null : instantMs(instant);
}
