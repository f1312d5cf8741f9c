/** What a person sees of a running cycle; pure, so that it can be tested without a terminal. */
import type { CycleEvent } from '../../sync/cycle-events.ts';
import { formatCount, formatDuration } from './format.ts';

export interface ProgressState {
  readonly startedMs: number;
  /** When the plan stood: times are estimated from there on. */
  readonly plannedMs: number | null;
  readonly monitorsListed: number | null;
  readonly monitorsToWalk: number;
  readonly monitorsDone: number;
  readonly monitorsFailed: number;
  readonly runs: number;
}

export function startProgressState(nowMs: number): ProgressState {
  return {
    startedMs: nowMs,
    plannedMs: null,
    monitorsListed: null,
    monitorsToWalk: 0,
    monitorsDone: 0,
    monitorsFailed: 0,
    runs: 0,
  };
}

export function advanceProgress(state: ProgressState, event: CycleEvent, nowMs: number): ProgressState {
  switch (event.type) {
    case 'monitors-listed':
      return { ...state, monitorsListed: (state.monitorsListed ?? 0) + event.monitors };
    case 'planned': {
      const { skip: _, ...walks } = event.decisions;
      const monitorsToWalk = Object.values(walks).reduce((sum, count) => sum + count, 0);
      return {
        ...state,
        plannedMs: state.plannedMs ?? nowMs,
        monitorsToWalk: state.monitorsToWalk + monitorsToWalk,
      };
    }
    case 'answer-saved':
      return { ...state, runs: state.runs + event.inserted + event.updated + event.unchanged };
    case 'monitor-walked': {
      const monitorsDone = state.monitorsDone + 1;
      // A monitor that the listing left out was not planned for.
      return { ...state, monitorsDone, monitorsToWalk: Math.max(state.monitorsToWalk, monitorsDone) };
    }
    case 'monitor-failed':
      return { ...state, monitorsFailed: state.monitorsFailed + 1 };
    case 'cycle-opened':
    case 'source-ended':
    case 'cycle-closed':
      return state;
  }
}

/** One line of at most `columns` characters. */
export function renderProgress(
  state: ProgressState,
  requests: number,
  nowMs: number,
  columns: number,
): string {
  const left = secondsLeft(state, nowMs);
  const parts = [
    ...(state.plannedMs === null
      ? ['listing monitors']
      : [
          `${state.monitorsDone}/${state.monitorsToWalk} monitors`,
          `${formatCount(state.runs)} runs`,
          `${formatCount(runsPerSecond(state, nowMs))} runs/s`,
        ]),
    ...(state.monitorsFailed > 0 ? [`${state.monitorsFailed} failed`] : []),
    `${formatCount(requests)} requests`,
    ...(left === null ? [] : [`${formatDuration(Math.ceil(left) * 1000)} left`]),
  ];
  const line = parts.join('  ');
  const withBar = state.plannedMs === null ? line : `${bar(doneShare(state))} ${line}`;
  return withBar.length <= columns ? withBar : shorten(parts, columns);
}

/** Leaves out whole parts, the last ones first: a number that is cut is another number. */
function shorten(parts: readonly string[], columns: number): string {
  const line = parts.join('  ');
  if (line.length <= columns) return line;
  return parts.length > 1 ? shorten(parts.slice(0, -1), columns) : line.slice(0, columns);
}

/** What the finished monitors took, for those that are not finished; null before there is anything to go by. */
export function secondsLeft(state: ProgressState, nowMs: number): number | null {
  const finished = state.monitorsDone + state.monitorsFailed;
  const remaining = state.monitorsToWalk - finished;
  if (state.plannedMs === null || finished <= 0 || remaining <= 0) return null;
  return ((nowMs - state.plannedMs) / finished / 1000) * remaining;
}

function runsPerSecond(state: ProgressState, nowMs: number): number {
  const seconds = (nowMs - (state.plannedMs ?? state.startedMs)) / 1000;
  return seconds <= 0 ? 0 : Math.round(state.runs / seconds);
}

function doneShare(state: ProgressState): number {
  if (state.monitorsToWalk === 0) return 1;
  return Math.min(1, (state.monitorsDone + state.monitorsFailed) / state.monitorsToWalk);
}

const barWidth = 20;

function bar(share: number): string {
  const full = Math.floor(share * barWidth);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)}`;
}
