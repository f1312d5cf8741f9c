import { instantMs, type OpenRun } from '../model.ts';
import type { OpenRunStates } from '../ports.ts';
import { hashFraction } from './hash-fraction.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Runs take minutes; one that is open after a day is stuck. */
export const stuckAfterMs = dayMs;
const monthMs = 28 * dayMs;

/** How often something that stands still is asked about, by how long it has stood still. */
const tiers: readonly { readonly untilAgeMs: number; readonly everyMs: number }[] = [
  { untilAgeMs: stuckAfterMs, everyMs: 0 },
  { untilAgeMs: 7 * dayMs, everyMs: hourMs },
  { untilAgeMs: monthMs, everyMs: dayMs },
];

/** The most runs that are not young that one cycle asks for. */
const mostOldRuns = 100;

type OpenRunFacts = Pick<OpenRun, 'createdAt' | 'updatedAt' | 'hasEnded' | 'absentSince'>;

/** Whether something open was created so short a time ago that every cycle looks at it. */
export function isYoung(createdAt: string, nowMs: number): boolean {
  return nowMs - instantMs(createdAt) < stuckAfterMs;
}

/** Whether a run is expected to become final soon: its monitor is walked for it. */
export function isAwaited(run: OpenRunFacts, nowMs: number): boolean {
  return run.absentSince === null && !run.hasEnded && isYoung(run.createdAt, nowMs);
}

/**
 * Whether this cycle asks about something that has stood still since an instant. After a while there are fixed instants
 * for it, multiples of the interval since then; one is due when such an instant lies between the previous cycle and now.
 * Nothing has to be stored for it.
 */
export function isDue(
  sinceMs: number,
  everyMs: number,
  nowMs: number,
  previousCycleAtMs: number | null,
): boolean {
  if (everyMs === 0 || previousCycleAtMs === null) return true;
  const slotOf = (ms: number): number => Math.floor((ms - sinceMs) / everyMs);
  return slotOf(nowMs) > slotOf(previousCycleAtMs);
}

/** Every cycle for a day, hourly for a week, daily for a month, then after ever longer times. */
export function intervalMs(ageMs: number): number {
  const tier = tiers.find(({ untilAgeMs }) => ageMs < untilAgeMs);
  return tier?.everyMs ?? 7 * dayMs * 2 ** Math.floor(Math.log2(ageMs / monthMs));
}

/** The open runs that a cycle wants to hear of. `apiAheadMs`: how far the clock that dates runs is ahead of `clockMs`. */
export function dueOpenRuns(
  states: OpenRunStates,
  only: ReadonlySet<string> | null,
  clockMs: number,
  apiAheadMs: number,
): readonly OpenRun[] {
  const nowMs = clockMs + apiAheadMs;
  const previousMs = states.previousCycleAt === null ? null : instantMs(states.previousCycleAt) + apiAheadMs;
  const due = [...states.openRuns]
    .filter(([monitorId]) => only?.has(monitorId) ?? true)
    .flatMap(([, runs]) => runs.filter((run) => isRunDue(run, nowMs, previousMs)));
  const old = due.filter((run) => !isAwaited(run, nowMs));
  if (old.length <= mostOldRuns) return due;
  const chosen = new Set(chooseInTurn(old, nowMs));
  return due.filter((run) => isAwaited(run, nowMs) || chosen.has(run));
}

function isRunDue(run: OpenRunFacts, nowMs: number, previousMs: number | null): boolean {
  if (run.absentSince !== null) {
    const sinceMs = instantMs(run.absentSince);
    return isDue(sinceMs, Math.max(dayMs, intervalMs(nowMs - sinceMs)), nowMs, previousMs);
  }
  const createdMs = instantMs(run.createdAt);
  if (!run.hasEnded) return isDue(createdMs, intervalMs(nowMs - createdMs), nowMs, previousMs);
  const unchangedMs = nowMs - instantMs(run.updatedAt);
  return isDue(createdMs, Math.max(dayMs, intervalMs(unchangedMs)), nowMs, previousMs);
}

/** As many runs as one cycle asks for; the choice differs from cycle to cycle. */
function chooseInTurn(runs: readonly OpenRun[], nowMs: number): readonly OpenRun[] {
  const placed = runs.map((run) => ({ run, place: hashFraction(`${nowMs} ${run.id}`) }));
  const inOrder = placed.toSorted((a, b) => a.place - b.place);
  return inOrder.slice(0, mostOldRuns).map(({ run }) => run);
}
