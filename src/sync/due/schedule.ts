import { Cron } from 'croner';
import { instantMs, type Monitor } from '../model.ts';

/** When a monitor's runs are due. Milliseconds since the epoch. */
export interface Schedule {
  /** Tells one schedule from another. */
  readonly key: string;
  /** How late a run ordinarily is. */
  readonly latenessMs: number;
  /** The first due time after an instant; null: there is none. */
  nextAfter(ms: number): number | null;
}

/** The fields of a monitor that say when it is due. */
export type ScheduledMonitor = Pick<Monitor, 'cadenceCron' | 'cadenceTimezone' | 'trigger' | 'createdAt'>;

/** Schedules that are kept; there are hardly more, and each may remember a year of times. */
const mostKept = 500;

/**
 * Reads schedules. To find a time takes a fraction of a millisecond, and thousands of monitors are due at the same ones:
 * of one cron in one time zone they are found once.
 */
export class ScheduleReader {
  readonly #crons = new Map<string, Schedule | null>();

  /** The schedule of a monitor; null when it has none, or one that cannot be read: then nothing is ever due. */
  scheduleOf(monitor: ScheduledMonitor): Schedule | null {
    const { cadenceCron, cadenceTimezone, trigger, createdAt } = monitor;
    if (cadenceCron !== null) return this.#cronOf(cadenceCron, cadenceTimezone ?? 'Etc/UTC');
    if (trigger?.['type'] !== 'interval' || typeof trigger['period'] !== 'string') return null;
    const periodMs = parsePeriodMs(trigger['period']);
    return periodMs === null ? null : intervalSchedule(periodMs, instantMs(createdAt));
  }

  #cronOf(cron: string, timezone: string): Schedule | null {
    const key = `cron ${cron} ${timezone}`;
    let schedule = this.#crons.get(key);
    if (schedule === undefined) {
      if (this.#crons.size >= mostKept) this.#crons.clear();
      schedule = cronSchedule(key, cron, timezone);
      this.#crons.set(key, schedule);
    }
    return schedule;
  }
}

/** Five fields in a time zone. Of an hour that clocks skip, a time is due when they jump; of one that they repeat, once. */
function cronSchedule(key: string, cron: string, timezone: string): Schedule | null {
  try {
    const times = new Cron(cron, { timezone, paused: true, mode: '5-part' });
    // An unknown time zone is found out only now.
    times.nextRun();
    const found = new Map<number, number | null>();
    const find = (ms: number): number | null => {
      const nextMs = times.nextRun(new Date(ms))?.getTime() ?? null;
      found.set(ms, nextMs);
      return nextMs;
    };
    return { key, latenessMs: 0, nextAfter: (ms) => found.get(ms) ?? find(ms) };
  } catch {
    // Whatever it is, this program cannot tell its times.
    return null;
  }
}

/** As documented. */
const intervalLatenessMs = 30 * 60_000;

/** Every so often, counted from an instant. */
function intervalSchedule(periodMs: number, fromMs: number): Schedule {
  return {
    key: `every ${periodMs} from ${fromMs}`,
    latenessMs: intervalLatenessMs,
    nextAfter: (ms) => fromMs + Math.max(1, Math.floor((ms - fromMs) / periodMs) + 1) * periodMs,
  };
}

const minuteMs = 60_000;
const unitsMs: Readonly<Record<string, number>> = {
  m: minuteMs,
  h: 60 * minuteMs,
  d: 1440 * minuteMs,
  w: 7 * 1440 * minuteMs,
};

/** Such as `6h`. */
function parsePeriodMs(period: string): number | null {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhdw])$/.exec(period.trim()) ?? [];
  return Number(count) * (unitsMs[unit] ?? 0) || null;
}

/** The due times after `afterMs` up to `throughMs`, oldest first. */
export function dueTimes(schedule: Schedule, afterMs: number, throughMs: number): readonly number[] {
  const due: number[] = [];
  let nextMs = schedule.nextAfter(afterMs);
  while (nextMs !== null && nextMs <= throughMs) {
    due.push(nextMs);
    nextMs = schedule.nextAfter(nextMs);
  }
  return due;
}

/** Years of a monthly schedule, months of a weekly one: the longest gap of all that repeat. */
const gapsLookedAt = 30;

/** The longest time between two due times from an instant on, in milliseconds; null: there are no two. */
export function longestGapMs(schedule: Schedule, fromMs: number): number | null {
  let longestMs: number | null = null;
  let previousMs = schedule.nextAfter(fromMs);
  for (let gap = 0; gap < gapsLookedAt && previousMs !== null; gap += 1) {
    const nextMs = schedule.nextAfter(previousMs);
    if (nextMs !== null) longestMs = Math.max(longestMs ?? 0, nextMs - previousMs);
    previousMs = nextMs;
  }
  return longestMs;
}
