import { createCron } from '../config/create-cron.ts';

/** When a schedule fires, for any instant; all in milliseconds since the epoch. */
export interface Occurrences {
  /** The first firing after this instant. */
  nextAfter(ms: number): number;
  /** The last `count` firings at or before this instant, newest first; fewer when there have not been so many. */
  lastUpTo(ms: number, count: number): readonly number[];
}

/** `cron` and `timezone` have passed the settings' schemas. */
export function createOccurrences(cron: string, timezone: string): Occurrences {
  const schedule = createCron(cron, timezone);
  return {
    nextAfter: (ms) => schedule.nextRun(new Date(ms))?.getTime() ?? Number.POSITIVE_INFINITY,
    lastUpTo: (ms, count) =>
      // Exclusive and in whole seconds.
      schedule
        .previousRuns(count, new Date(Math.floor(ms / 1000) * 1000 + 1000))
        .map((date) => date.getTime()),
  };
}
