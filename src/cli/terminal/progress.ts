import type { RequestEvent } from '../../exa/http/request-event.ts';
import type { CycleObserver } from '../../sync/cycle-events.ts';
import type { Clock } from '../../sync/ports.ts';
import { advanceProgress, renderProgress, startProgressState } from './progress-line.ts';
import type { Screen } from './screen.ts';

/** A progress display; on anything but a terminal it shows nothing. */
export interface Progress {
  readonly observe: CycleObserver;
  readonly onRequest: (event: RequestEvent) => void;
  /** Takes the display away and leaves a clean screen. */
  stop(): void;
}

const repaintMs = 100;
const defaultColumns = 80;

const nothing = (): void => undefined;

export function startProgress(screen: Screen, clock: Clock): Progress {
  if (!screen.live) return { observe: nothing, onRequest: nothing, stop: nothing };
  let requests = 0;
  let state = startProgressState(clock.now());
  const paint = (): void => {
    screen.show(renderProgress(state, requests, clock.now(), (screen.columns() ?? defaultColumns) - 1));
  };
  const timer = setInterval(paint, repaintMs).unref();
  paint();
  return {
    observe: (event) => {
      state = advanceProgress(state, event, clock.now());
    },
    onRequest: ({ type }) => {
      if (type === 'request') requests += 1;
    },
    stop: () => {
      clearInterval(timer);
      screen.clear();
    },
  };
}
