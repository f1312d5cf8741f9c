import { describe, expect, it } from 'vitest';
import {
  advanceProgress,
  renderProgress,
  secondsLeft,
  startProgressState,
  type ProgressState,
} from '../../src/cli/terminal/progress-line.ts';
import type { CycleEvent } from '../../src/sync/cycle-events.ts';

const wide = 200;

function after(events: readonly (readonly [number, CycleEvent])[]): ProgressState {
  return events.reduce(
    (state, [nowMs, event]) => advanceProgress(state, event, nowMs),
    startProgressState(0),
  );
}

const source = { id: 1, account: 'default', api: 'websets' };
const planned: CycleEvent = {
  source,
  type: 'planned',
  decisions: { skip: 90, resume: 1, incremental: 4, full: 5, since: 0 },
};
const walked: CycleEvent = { source, type: 'monitor-walked', monitorId: 'm1', pages: 1 };
const saved: CycleEvent = {
  source,
  type: 'answer-saved',
  monitorId: 'm1',
  inserted: 1000,
  updated: 200,
  unchanged: 34,
  rejected: 0,
};

describe('the progress line', () => {
  it('says that monitors are being listed until the plan stands', () => {
    expect(renderProgress(startProgressState(0), 3, 500, wide)).toBe('listing monitors  3 requests');
  });

  it('shows monitors to walk, not those skipped, with runs, their rate, requests and the time left', () => {
    const state = after([
      [1000, planned],
      [2000, saved],
      [3000, walked],
    ]);
    expect(renderProgress(state, 7, 3000, wide)).toBe(
      '██░░░░░░░░░░░░░░░░░░ 1/10 monitors  1,234 runs  617 runs/s  7 requests  18 s left',
    );
  });

  it('counts a failed monitor as done', () => {
    const failed: CycleEvent = {
      source,
      type: 'monitor-failed',
      monitorId: 'm2',
      error: new Error('gone'),
    };
    const state = after([
      [0, planned],
      [1000, walked],
      [1000, failed],
    ]);
    expect(secondsLeft(state, 1000)).toBe(4);
    expect(renderProgress(state, 7, 1000, wide)).toContain('1 failed');
  });

  it('never shows more monitors done than there are: one that the listing left out was not planned for', () => {
    const all = Array.from({ length: 11 }, () => [1000, walked] as const);
    expect(renderProgress(after([[0, planned], ...all]), 7, 1000, wide)).toContain('11/11 monitors');
  });

  it('knows no time left before a monitor is done, and none when all are', () => {
    expect(secondsLeft(after([[0, planned]]), 1000)).toBeNull();
    const all = Array.from({ length: 10 }, () => [1000, walked] as const);
    expect(secondsLeft(after([[0, planned], ...all]), 1000)).toBeNull();
  });

  it.each([
    [60, '1/10 monitors  1,234 runs  617 runs/s  7 requests  18 s left'],
    [59, '1/10 monitors  1,234 runs  617 runs/s  7 requests'],
    [40, '1/10 monitors  1,234 runs  617 runs/s'],
    [30, '1/10 monitors  1,234 runs'],
    [5, '1/10 '],
  ])('fits a terminal of %i columns without cutting a number in two', (columns, line) => {
    const state = after([
      [1000, planned],
      [2000, saved],
      [3000, walked],
    ]);
    expect(renderProgress(state, 7, 3000, columns)).toBe(line);
  });
});
