import { createTask } from 'node-cron';
import type { Clock } from '../sync/ports.ts';
import type { Occurrences } from './occurrences.ts';

/** Calls `onFire` at every firing of a schedule until the returned function is called. */
export type StartFiring = (onFire: () => Promise<void>) => () => void;

const silent = { info: ignore, warn: ignore, error: ignore, debug: ignore };

function ignore(): void {}

/**
 * Real firings. node-cron beats once a minute, or once a second for a schedule with seconds, and `occurrences` says
 * whether a firing has come due. Not node-cron by the schedule itself: where clocks change it leaves out a day (02:30 of
 * the night that has none) or an hour (the first of the two from 02:00 to 03:00), and what catches up, judges readiness
 * and tells the next firing has to be of one opinion with what fires.
 */
export function createFiring(cron: string, occurrences: Occurrences, clock: Clock): StartFiring {
  return (onFire) => {
    const isDue = watchOccurrences(occurrences, clock);
    const beat = cron.split(' ').length === 6 ? '* * * * * *' : '* * * * *';
    const task = createTask(beat, () => (isDue() ? onFire() : undefined), {
      timezone: 'Etc/UTC',
      logger: silent,
      suppressMissedWarning: true,
      missedExecutionTolerance: Number.POSITIVE_INFINITY,
    });
    void task.start();
    return () => void task.destroy();
  };
}

/**
 * Says at each call whether a firing has come due since the call before. However many did while the machine was asleep,
 * they count as one; a clock that is set back makes nobody wait until it gets there again.
 */
export function watchOccurrences(occurrences: Occurrences, clock: Clock): () => boolean {
  let seenMs = clock.now();
  let nextMs = occurrences.nextAfter(seenMs);
  return () => {
    const nowMs = clock.now();
    const isDue = nowMs >= nextMs;
    if (isDue || nowMs < seenMs) nextMs = occurrences.nextAfter(nowMs);
    seenMs = nowMs;
    return isDue;
  };
}
