import { createTask } from 'node-cron';

/** Calls `onFire` at every firing of a schedule until the returned function is called. */
export type StartFiring = (onFire: () => Promise<void>) => () => void;

const silent = { info: ignore, warn: ignore, error: ignore, debug: ignore };

function ignore(): void {}

/** Real firings. `cron` and `timezone` have passed the settings' schemas. */
export function createFiring(cron: string, timezone: string): StartFiring {
  return (onFire) => {
    const task = createTask(cron, onFire, {
      timezone,
      logger: silent,
      suppressMissedWarning: true,
      // After the machine was asleep, the latest of the firings that it slept through still counts, the others do not.
      missedExecutionTolerance: Number.POSITIVE_INFINITY,
    });
    void task.start();
    return () => void task.destroy();
  };
}
