/** Random histories of a monitor whose runs are due, and what is missed in them by a plain recomputation. */
import * as fc from 'fast-check';
import { dueTimes, ScheduleReader, type Schedule } from '../../src/sync/due/schedule.ts';

const minuteMs = 60_000;
export const graceMs = 60 * minuteMs;

/** How a monitor stands at Exa for a while. */
export interface Standing {
  readonly cron: string | null;
  readonly timezone: string;
  readonly period: string | null;
  readonly status: string;
  readonly isAbsent: boolean;
}

interface Change {
  /** Null: something that has nothing to do with when it fires. */
  readonly standing: Standing | null;
  readonly beforeMs: number;
  /** Whether the record says when it changed. */
  readonly isTold: boolean;
}

/** A cycle, and what happens before it. */
interface Step {
  readonly afterMs: number;
  readonly change: Change | null;
  /** Runs that appear, by how long before the cycle they say that they were created. */
  readonly runs: readonly number[];
  /** Runs that appear for due times, counted back from the cycle, and by how much they miss them. */
  readonly firings: readonly { readonly back: number; readonly byMs: number }[];
  readonly read: 'walked' | 'skipped' | 'failed' | 'unfinished' | 'not looked at';
}

export interface DueHistory {
  readonly startMs: number;
  readonly createdBeforeMs: number;
  readonly standing: Standing;
  readonly steps: readonly Step[];
}

const minutes = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * minuteMs);

const someStanding: fc.Arbitrary<Standing> = fc.record({
  cron: fc.constantFrom(
    '30 2 * * *',
    '0 9 * * *',
    '30 6 * * 1-5',
    '0 */6 * * *',
    '0 12 29 2 *',
    'soon',
    null,
  ),
  timezone: fc.constantFrom('Etc/UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'),
  period: fc.constantFrom('6h', '1d', null),
  status: fc.constantFrom('enabled', 'enabled', 'enabled', 'active', 'disabled', 'paused'),
  isAbsent: fc.constantFrom(false, false, false, false, true),
});

const someChange: fc.Arbitrary<Change> = fc.record({
  standing: fc.option(someStanding, { freq: 4 }),
  beforeMs: minutes(0, 3000),
  isTold: fc.constantFrom(true, true, false),
});

const firing = fc.record({ back: fc.integer({ min: 0, max: 8 }), byMs: minutes(-12, 200) });

const step: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.oneof(minutes(5, 90), minutes(600, 3000), minutes(5000, 12_000)),
  change: fc.option(someChange, { freq: 1 }),
  runs: fc.array(minutes(0, 6000), { maxLength: 2 }),
  firings: fc.array(firing, { maxLength: 6 }),
  read: fc.constantFrom('walked', 'walked', 'walked', 'skipped', 'failed', 'unfinished', 'not looked at'),
});

export const dueHistory: fc.Arbitrary<DueHistory> = fc.record({
  // Before both changes of the clocks, and before a leap day.
  startMs: fc.constantFrom(
    Date.UTC(2026, 2, 20, 11, 7),
    Date.UTC(2026, 9, 16, 11, 7),
    Date.UTC(2028, 1, 20, 11, 7),
  ),
  createdBeforeMs: minutes(0, 20_000),
  standing: someStanding.map((first) => ({ ...first, isAbsent: false })),
  steps: fc.array(step, { minLength: 1, maxLength: 10 }),
});

/** What a cycle saw of the monitor. */
export interface Look {
  readonly atMs: number;
  readonly standing: Standing;
  readonly updatedMs: number;
  /** Whether its runs were known up to then. */
  readonly isCovered: boolean;
}

export function scheduleOfStanding(standing: Standing, createdMs: number): Schedule | null {
  if (!fires(standing)) return null;
  return new ScheduleReader().scheduleOf({
    cadenceCron: standing.cron,
    cadenceTimezone: standing.timezone,
    trigger: triggerOf(standing),
    createdAt: new Date(createdMs).toISOString(),
  });
}

export function triggerOf({ period }: Standing): { readonly type: string; readonly period: string } | null {
  return period === null ? null : { type: 'interval', period };
}

function fires({ status, isAbsent }: Standing): boolean {
  return !isAbsent && ['enabled', 'active'].includes(status);
}

/**
 * Due times that no run was in time for, with how late one came. A due time counts if some look knew the runs until its
 * grace was over, and the record that it saw had stood since before that time.
 */
export function recomputeMissed(
  looks: readonly Look[],
  runs: readonly number[],
  createdMs: number,
): ReadonlyMap<number, number | null> {
  const missed = new Map<number, number | null>();
  let before = '';
  let sinceMs = Number.NEGATIVE_INFINITY;
  for (const { atMs, standing, updatedMs, isCovered } of looks) {
    const shown = JSON.stringify({ ...standing, status: '', isAbsent: '', fires: fires(standing) });
    const toldMs = Math.max(createdMs, updatedMs);
    if (toldMs > sinceMs) sinceMs = toldMs;
    else if (shown !== before) sinceMs = atMs;
    before = shown;
    const schedule = scheduleOfStanding(standing, createdMs);
    if (schedule === null || !isCovered) continue;
    const toleratedMs = graceMs + (standing.cron === null ? 30 * minuteMs : 0);
    for (const dueMs of dueTimes(schedule, sinceMs, atMs - toleratedMs)) {
      const nextMs = schedule.nextAfter(dueMs) ?? Number.POSITIVE_INFINITY;
      const earlyMs = Math.min(10 * minuteMs, (nextMs - dueMs) / 2);
      const cameMs = runs
        .filter((ms) => ms >= dueMs - earlyMs && ms < nextMs - earlyMs)
        .reduce((first, ms) => Math.min(first, ms), Number.POSITIVE_INFINITY);
      if (cameMs <= dueMs + toleratedMs) continue;
      missed.set(dueMs, cameMs === Number.POSITIVE_INFINITY ? null : cameMs - dueMs);
    }
  }
  return missed;
}
