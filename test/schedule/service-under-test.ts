import { onTestFinished } from 'vitest';
import { createOccurrences } from '../../src/schedule/occurrences.ts';
import { Service, type CycleEnd, type ServiceOptions } from '../../src/schedule/service.ts';
import { VirtualTime } from '../exa/virtual-time.ts';
import { cycleResult } from './cycle-results.ts';
import { createLoggedLines, type LoggedLines } from './lines.ts';

export interface ServiceUnderTest {
  readonly time: VirtualTime;
  readonly log: LoggedLines['lines'];
  /** When cycles began, as `HH:MM:SS`. */
  readonly started: string[];
  readonly skipped: string[];
  readonly ended: CycleEnd[];
  /** Whether the schedule still fires. */
  readonly firing: () => boolean;
  /** A firing, as the schedule would do it now. */
  fire(): Promise<void>;
  /** Goes to the next firing, fires and lets everything happen that follows within a minute. */
  fireNext(): Promise<void>;
  /** Asks the service to end; resolves when it has. */
  stop(): Promise<void>;
}

/** A service on 2026-03-10 at 12:01 UTC with a schedule of 15 minutes, whose last cycle was the one of 12:00. */
export function runService(changes: Partial<ServiceOptions> = {}): ServiceUnderTest {
  const time = new VirtualTime(Date.UTC(2026, 2, 10, 12, 1));
  const stopped = new AbortController();
  const { logger, lines } = createLoggedLines();
  const started: string[] = [];
  const skipped: string[] = [];
  const ended: CycleEnd[] = [];
  let onFire: (() => Promise<void>) | null = null;
  const occurrences = changes.occurrences ?? createOccurrences('*/15 * * * *', 'Etc/UTC');
  const { runCycle = () => Promise.resolve(cycleResult('succeeded')), ...others } = changes;
  const service = new Service({
    clock: time,
    sleep: time.sleep,
    signal: stopped.signal,
    logger,
    startFiring: (callback) => {
      onFire = callback;
      return () => {
        onFire = null;
      };
    },
    occurrences,
    history: { lastCompleteMs: Date.UTC(2026, 2, 10, 12, 0, 1), failedInARow: 0, lastFailedMs: null },
    jitterShare: 0,
    longestJitterMs: 30_000,
    runCycle: () => {
      started.push(new Date(time.now()).toISOString().slice(11, 19));
      return runCycle();
    },
    afterCycle: () => Promise.resolve(),
    onEnded: (end) => ended.push(end),
    onSkipped: (reason) => skipped.push(reason),
    ...others,
  });
  const running = service.run();
  const stop = async (): Promise<void> => {
    stopped.abort();
    await time.until(running);
  };
  onTestFinished(stop);
  return {
    time,
    log: lines,
    started,
    skipped,
    ended,
    firing: () => onFire !== null,
    fire: () => service.fire(),
    fireNext: async () => {
      await time.advance(occurrences.nextAfter(time.now()) - time.now());
      void onFire?.();
      await time.advance(60_000);
    },
    stop,
  };
}
