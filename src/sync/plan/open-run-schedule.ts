import { instantMs } from '../model.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How often an open run is asked for, by its age. Runs take minutes; one that is open after a day is stuck. */
const tiers: readonly { readonly untilAgeMs: number; readonly everyMs: number }[] = [
  { untilAgeMs: dayMs, everyMs: 0 },
  { untilAgeMs: 7 * dayMs, everyMs: hourMs },
  { untilAgeMs: Number.POSITIVE_INFINITY, everyMs: dayMs },
];

/** Whether an open run is young enough that every cycle asks for it. */
export function isYoung(createdAt: string, nowMs: number): boolean {
  return everyMs(createdAt, nowMs) === 0;
}

/**
 * Whether this cycle asks for an open run. Old ones have fixed instants (multiples of their interval since their
 * creation); one is due when such an instant lies between the previous cycle and now. Nothing has to be stored for it.
 */
export function isDue(createdAt: string, nowMs: number, previousCycleAtMs: number | null): boolean {
  const intervalMs = everyMs(createdAt, nowMs);
  if (intervalMs === 0 || previousCycleAtMs === null) return true;
  const createdMs = instantMs(createdAt);
  const slotOf = (ms: number): number => Math.floor((ms - createdMs) / intervalMs);
  return slotOf(nowMs) > slotOf(previousCycleAtMs);
}

function everyMs(createdAt: string, nowMs: number): number {
  const ageMs = nowMs - instantMs(createdAt);
  return tiers.find((tier) => ageMs < tier.untilAgeMs)?.everyMs ?? dayMs;
}
