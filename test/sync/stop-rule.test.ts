import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/sync/model.ts';
import {
  advanceWalk,
  coveredGround,
  finishWalk,
  pageSpan,
  startWalk,
  stopReason,
  type WalkState,
} from '../../src/sync/walk/stop-rule.ts';
import { someCheckpoint } from '../builders/some-checkpoint.ts';
import { someMonitor } from '../builders/some-monitor.ts';
import { completedRun } from '../builders/some-run.ts';

const startedAt = '2026-03-10T12:00:00.000Z';

/** A run created at this hour of a March day, as `10T06`. */
function run(hour: string, id = hour): Run {
  const createdAt = `2026-03-${hour}:00:00.000Z`;
  return completedRun(id, createdAt);
}

function walkOver(pages: readonly (readonly Run[])[], stopAt: string | null): WalkState {
  return pages.reduce(advanceWalk, startWalk(stopAt === null ? 'full' : 'incremental', stopAt, startedAt));
}

const monitor = someMonitor({ nextRunAt: '2026-03-11T06:00:00.000Z' });
const finishedAt = '2026-03-10T12:01:00.000Z';

describe('an incremental walk', () => {
  const stopAt = coveredGround('2026-03-09T06:00:00.000Z', 86_400_000);

  it('stops at the page that reaches a day below what is covered', () => {
    expect(stopAt).toBe('2026-03-08T06:00:00.000Z');
    expect(stopReason(walkOver([[run('10T06'), run('08T07')]], stopAt), 'next')).toBeNull();
    expect(stopReason(walkOver([[run('10T06'), run('08T06')]], stopAt), 'next')).toBe('covered_ground');
  });

  it('reads to the end of the list where no date can lie below what is covered', () => {
    expect(coveredGround('0001-01-01T00:00:00Z', 86_400_000)).toBeNull();
    expect(coveredGround('0001-01-02T00:00:00Z', 86_400_000)).toBe('0001-01-01T00:00:00.000Z');
  });

  it('allows ties', () => {
    const state = walkOver(
      [
        [run('10T06', 'a'), run('10T06', 'b')],
        [run('10T06', 'c'), run('08T06')],
      ],
      stopAt,
    );
    expect(state.descending).toBe(true);
    expect(stopReason(state, 'next')).toBe('covered_ground');
  });

  it.each([
    ['inside a page', [[run('09T06'), run('10T06'), run('08T06')]]],
    [
      'between pages',
      [
        [run('09T06'), run('08T12')],
        [run('08T13'), run('08T05')],
      ],
    ],
  ])('turns into a full one when the order is violated %s', (_where, pages) => {
    const state = walkOver(pages, stopAt);
    expect(state).toMatchObject({ kind: 'full', descending: false, stopAt: null });
    expect(stopReason(state, 'next')).toBeNull();
    expect(stopReason(state, null)).toBe('end_of_list');
    expect(pageSpan(state, state, 'next')).toBeNull();
  });
});

it.each([
  ['of one run', [run('01T00')]],
  ['of runs created at one instant', [run('01T00', 'a'), run('01T00', 'b')]],
])('a first page %s shows no order, so a walk does not stop there', (_what, page) => {
  const stopAt = '2026-03-05T00:00:00.000Z';
  const state = walkOver([page], stopAt);
  expect(state.descending).toBe(true);
  expect(stopReason(state, 'next')).toBeNull();
  expect(stopReason(walkOver([page, [run('01T00', 'c')]], stopAt), 'next')).toBeNull();
  expect(stopReason(walkOver([page, [run('02T00')]], stopAt), 'next')).toBeNull();
});

describe('the span of which a page shows every run', () => {
  const top = startWalk('full', null, startedAt);
  const first = advanceWalk(top, [run('10T06'), run('09T06')]);
  const second = advanceWalk(first, [run('08T06')]);

  it('reaches from the page before it, or from the top, to its end', () => {
    expect(pageSpan(top, first, 'next')).toEqual({
      newest: null,
      oldest: run('09T06').createdAt,
      shownBefore: [],
    });
    expect(pageSpan(first, second, 'next')).toEqual({
      newest: run('09T06').createdAt,
      oldest: run('08T06').createdAt,
      shownBefore: ['09T06'],
    });
  });

  it('is open at the end of the list', () => {
    expect(pageSpan(first, second, null)).toEqual({
      newest: run('09T06').createdAt,
      oldest: null,
      shownBefore: ['09T06'],
    });
    expect(pageSpan(top, advanceWalk(top, []), null)).toEqual({
      newest: null,
      oldest: null,
      shownBefore: [],
    });
  });

  it('is everything when the list fits on one page, in whatever order', () => {
    const ascending = advanceWalk(top, [run('09T06'), run('10T06')]);
    expect(ascending.descending).toBe(false);
    expect(pageSpan(top, ascending, null)).toEqual({ newest: null, oldest: null, shownBefore: [] });
    expect(pageSpan(ascending, advanceWalk(ascending, [run('11T06')]), null)).toBeNull();
  });

  it('is none for a page without rows that the page before it did not show', () => {
    expect(pageSpan(top, advanceWalk(top, []), 'next')).toBeNull();
    expect(pageSpan(first, advanceWalk(first, []), 'next')).toBeNull();
  });
});

it('a list that ascends is read to its end and remembers its newest run', () => {
  const state = walkOver([[run('01T00'), run('02T00')], [run('03T00')]], '2026-03-09T00:00:00.000Z');
  expect(stopReason(state, 'next')).toBeNull();
  expect(state.newestRun?.id).toBe('03T00');
  expect(state.mark).toBe(run('02T00').createdAt);
});

it('a full walk stops only at the end of the list', () => {
  const state = walkOver([[run('10T06'), run('01T06')]], null);
  expect(stopReason(state, 'next')).toBeNull();
  expect(stopReason(state, null)).toBe('end_of_list');
});

describe('a finished walk', () => {
  const before = someCheckpoint({
    syncedThrough: '2026-03-09T06:00:00.000Z',
    lastFullWalkAt: '2026-03-05T00:00:00.000Z',
  });

  it('covers through the newest run of its first page', () => {
    const state = walkOver([[run('10T06'), run('10T05')], [run('08T00')]], '2026-03-08T06:00:00.000Z');
    expect(finishWalk(state, 'covered_ground', monitor, before, finishedAt)).toEqual({
      monitorId: 'm',
      syncedThrough: run('10T06').createdAt,
      unfinishedWalk: null,
      lastFullWalkAt: before.lastFullWalkAt,
      newestRun: {
        id: '10T06',
        status: 'completed',
        createdAt: run('10T06').createdAt,
        updatedAt: run('10T06').updatedAt,
      },
      nextRunAt: monitor.nextRunAt,
      lastWalkAt: finishedAt,
      rose: false,
      lookAgain: false,
      notFoundOnce: [],
      consecutiveFailures: 0,
    });
  });

  it('covers no more than the time before it began, whatever its runs are dated', () => {
    const state = walkOver([[run('11T06'), run('10T05')]], null);
    expect(finishWalk(state, 'end_of_list', monitor, before, finishedAt).syncedThrough).toBe(startedAt);
  });

  it('counts as full when it read the list to its end', () => {
    const state = walkOver([[run('10T06')]], '2026-03-01T00:00:00.000Z');
    expect(finishWalk(state, 'end_of_list', monitor, before, finishedAt).lastFullWalkAt).toBe(startedAt);
  });

  it('covers nothing when it stopped at a date above ground that was never read', () => {
    const since = advanceWalk(startWalk('since', '2026-03-09T00:00:00.000Z', startedAt), [
      run('10T06'),
      run('08T00'),
    ]);
    expect(stopReason(since, 'next')).toBe('since_date');
    expect(finishWalk(since, 'since_date', monitor, null, finishedAt)).toMatchObject({
      syncedThrough: null,
      lastFullWalkAt: null,
    });
  });

  it('keeps what was covered when the list has become empty', () => {
    const state = walkOver([[]], '2026-03-01T00:00:00.000Z');
    expect(finishWalk(state, 'end_of_list', monitor, before, finishedAt).syncedThrough).toBe(
      before.syncedThrough,
    );
  });
});

/** A run created at this fraction of a second. */
function at(fraction: string, id: string): Run {
  return completedRun(id, `2026-03-10T06:00:00.${fraction}Z`);
}

describe('instants of mixed precision', () => {
  it('are compared within a millisecond, so that a list is seen to descend', () => {
    const state = walkOver([[at('123456', 'a'), at('1234', 'b')], [at('123', 'c')]], null);
    expect(state).toMatchObject({ descending: true, oldestCreatedAt: at('123', 'c').createdAt });
    expect(walkOver([[at('123', 'c'), at('1234', 'b')]], null).descending).toBe(false);
  });

  it('that differ in their notation only are one', () => {
    const state = walkOver([[at('120', 'a'), at('12', 'b')]], null);
    expect(state).toMatchObject({ descending: true, edgeIds: ['a', 'b'] });
  });
});
