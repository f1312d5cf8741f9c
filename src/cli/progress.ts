import type { Clock, CycleObserver } from '../sync/ports.ts';
import { advanceProgress, renderProgress, startProgressState } from './progress-line.ts';
import type { Screen } from './screen.ts';

/** A progress display; on anything but a terminal it shows nothing. */
export interface Progress {
  readonly observe: CycleObserver;
  /** Takes the display away and leaves a clean screen. */
  stop(): void;
}

const repaintMs = 100;
const defaultColumns = 80;

/** `requests` tells how many requests the cycle has made so far. */
export function startProgress(screen: Screen, clock: Clock, requests: () => number): Progress {
  if (!screen.live) return { observe: () => undefined, stop: () => undefined };
  let state = startProgressState(clock.now());
  const paint = (): void => {
    screen.show(renderProgress(state, requests(), clock.now(), (screen.columns() ?? defaultColumns) - 1));
  };
  const timer = setInterval(paint, repaintMs).unref();
  paint();
  return {
    observe: (event) => {
      state = advanceProgress(state, event, clock.now());
    },
    stop: () => {
      clearInterval(timer);
      screen.clear();
    },
  };
}
