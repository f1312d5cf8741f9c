import { describe, expect, it } from 'vitest';
import type { Checkpoint, Monitor } from '../../src/sync/model.ts';
import { someCheckpoint, someWalk } from '../builders/some-checkpoint.ts';
import { someMonitor } from '../builders/some-monitor.ts';
import { fullWalkDueAtMs, planMonitor, type PlanInput } from '../../src/sync/plan/plan-monitor.ts';

const now = '2026-03-10T12:00:00.000Z';
const dayMs = 86_400_000;
const lastRun = {
  id: 'run_1',
  status: 'completed',
  createdAt: '2026-03-10T06:00:00.000Z',
  updatedAt: '2026-03-10T06:05:00.000Z',
};

function monitor(changes: Partial<Monitor> = {}): Monitor {
  return someMonitor({ id: 'monitor_1', lastRun, nextRunAt: '2026-03-11T06:00:00.000Z', ...changes });
}

function checkpoint(changes: Partial<Checkpoint> = {}): Checkpoint {
  return someCheckpoint({
    monitorId: 'monitor_1',
    syncedThrough: lastRun.createdAt,
    lastFullWalkAt: '2026-03-09T00:00:00.000Z',
    newestRun: lastRun,
    nextRunAt: '2026-03-11T06:00:00.000Z',
    ...changes,
  });
}

const options = { full: false, since: null, fullWalkDays: 7, walkAtLeastEveryMs: 6 * 3_600_000 };

function plan(changes: Partial<PlanInput> = {}): string {
  const { decision, reason } = planMonitor({
    monitor: monitor(),
    checkpoint: checkpoint(),
    youngOpenRuns: 0,
    hasRejectedRuns: false,
    rowsAreMissing: false,
    showsNewestRun: true,
    nowMs: Date.parse(now),
    apiAheadMs: 0,
    previousCycleMs: Date.parse(now) - 15 * 60_000,
    options,
    ...changes,
  });
  return `${decision}: ${reason}`;
}

const unfinishedWalk = someWalk();

it('reads a monitor whole whose stored rows are missing, whatever its checkpoint says', () => {
  const input = { rowsAreMissing: true, options: { ...options, since: now } };
  expect(plan(input)).toBe('full: rows_missing');
  expect(plan({ ...input, checkpoint: checkpoint({ unfinishedWalk }) })).toBe('full: rows_missing');
});

describe('skips a monitor only on positive evidence', () => {
  it('when the listed last run is final and is what the last walk saw', () => {
    expect(plan()).toBe('skip: nothing_new');
  });

  it('whatever the notation of the instants', () => {
    const shifted = { ...lastRun, updatedAt: '2026-03-10T08:05:00+02:00' };
    expect(plan({ monitor: monitor({ lastRun: shifted }) })).toBe('skip: nothing_new');
  });

  it('also without any run, if the last walk found none', () => {
    const input = {
      monitor: monitor({ lastRun: null }),
      checkpoint: checkpoint({ newestRun: null }),
    };
    expect(plan(input)).toBe('skip: nothing_new');
    expect(plan({ ...input, hasRejectedRuns: true })).toBe('incremental: newest_run_unknown');
  });

  it.each([
    [
      'the last cycle failed to read it',
      { checkpoint: checkpoint({ consecutiveFailures: 1 }) },
      'incremental: failed_before',
    ],
    [
      'answers contradicted each other in the last cycle',
      { checkpoint: checkpoint({ lookAgain: true }) },
      'incremental: answers_disagreed',
    ],
    [
      'something is new in a list that once rose',
      { checkpoint: checkpoint({ rose: true }), youngOpenRuns: 1 },
      'full: open_runs',
    ],
    ['an open run is stored', { youngOpenRuns: 1 }, 'incremental: open_runs'],
    [
      'the last run is dated in the future',
      {
        monitor: monitor({ lastRun: { ...lastRun, createdAt: '2031-01-01T00:00:00.000Z' } }),
        checkpoint: checkpoint({ newestRun: { ...lastRun, createdAt: '2031-01-01T00:00:00.000Z' } }),
      },
      'incremental: newest_run_unknown',
    ],
    [
      'the last run changed by less than a millisecond',
      {
        monitor: monitor({ lastRun: { ...lastRun, updatedAt: '2026-03-10T06:05:00.000001Z' } }),
      },
      'incremental: newest_run_changed',
    ],
    [
      'the last run is null although runs are known',
      { monitor: monitor({ lastRun: null }) },
      'incremental: newest_run_unknown',
    ],
    [
      'the last run is another one',
      {
        monitor: monitor({
          lastRun: { ...lastRun, id: 'run_2' },
        }),
      },
      'incremental: newest_run_changed',
    ],
    [
      'the last run changed its status',
      {
        monitor: monitor({
          lastRun: { ...lastRun, status: 'failed' },
        }),
      },
      'incremental: newest_run_changed',
    ],
    [
      'the last run was corrected',
      {
        monitor: monitor({
          lastRun: { ...lastRun, updatedAt: '2026-03-10T06:04:00.000Z' },
        }),
      },
      'incremental: newest_run_changed',
    ],
    [
      'the last run is open',
      {
        monitor: monitor({
          lastRun: { ...lastRun, status: 'running' },
        }),
        checkpoint: checkpoint({ newestRun: { ...lastRun, status: 'running' } }),
      },
      'incremental: newest_run_open',
    ],
    [
      'a scheduled run is overdue',
      { monitor: monitor({ nextRunAt: '2026-03-10T12:00:00.000Z' }) },
      'incremental: run_overdue',
    ],
    [
      'the schedule moved on',
      { monitor: monitor({ nextRunAt: '2026-03-12T06:00:00.000Z' }) },
      'incremental: schedule_moved',
    ],
    ['it was never walked', { checkpoint: null }, 'full: never_walked'],
    [
      'no walk has reached the end',
      { checkpoint: checkpoint({ lastFullWalkAt: null }) },
      'full: never_walked',
    ],
    ['a walk is unfinished', { checkpoint: checkpoint({ unfinishedWalk }) }, 'resume: unfinished_walk'],
    [
      'the last full walk is too old',
      { checkpoint: checkpoint({ lastFullWalkAt: '2026-03-03T12:00:00.000Z' }) },
      'full: full_walk_due',
    ],
    [
      'the last full walk lies ahead, as a wrong clock left it',
      { checkpoint: checkpoint({ lastFullWalkAt: '2027-03-10T12:00:00.000Z' }) },
      'full: full_walk_due',
    ],
    ['a full walk is asked for', { options: { ...options, full: true } }, 'full: full_requested'],
    [
      'a date is asked for',
      { options: { ...options, since: '2026-03-01T00:00:00Z' } },
      'since: since_requested',
    ],
  ] as const)('not when %s', (_case, changes, expected) => {
    expect(plan(changes)).toBe(expected);
  });

  it('does not wait for the schedule of a disabled monitor', () => {
    const overdue = { status: 'disabled', nextRunAt: '2026-03-10T06:00:00.000Z' };
    const known = checkpoint({ nextRunAt: overdue.nextRunAt });
    expect(plan({ monitor: monitor(overdue), checkpoint: known })).toBe('skip: nothing_new');
  });
});

describe('a schedule that stands still', () => {
  const dueAt = '2026-03-01T00:00:00.000Z';
  const standing = { monitor: monitor({ nextRunAt: dueAt }), checkpoint: checkpoint({ nextRunAt: dueAt }) };

  function looksInDay(day: number): number {
    const cycles = Array.from(
      { length: 96 },
      (_, cycle) => Date.parse(dueAt) + day * dayMs + cycle * 900_000,
    );
    const decisions = cycles.map((nowMs) =>
      plan({
        ...standing,
        checkpoint: { ...standing.checkpoint, lastFullWalkAt: new Date(nowMs).toISOString() },
        nowMs,
        previousCycleMs: nowMs - 900_000,
      }),
    );
    return decisions.filter((decision) => decision === 'incremental: run_overdue').length;
  }

  it('is looked at in every cycle for an hour, then hourly for a day, and daily afterwards', () => {
    expect(looksInDay(0)).toBe(4 + 23);
    expect(looksInDay(1)).toBe(1);
    expect(looksInDay(5)).toBe(1);
  });

  it('is looked at in each cycle once it has moved', () => {
    const moved = { ...standing, monitor: monitor({ nextRunAt: '2026-03-02T00:00:00.000Z' }) };
    expect(plan(moved)).toBe('incremental: run_overdue');
  });
});

describe('a monitor whose newest run no listing shows', () => {
  const read = { showsNewestRun: false, monitor: monitor({ lastRun: null }) };

  it('is skipped while its schedule stands as it stood and its list was read a short time ago', () => {
    expect(plan({ ...read, checkpoint: checkpoint({ lastWalkAt: '2026-03-10T07:00:00.000Z' }) })).toBe(
      'skip: nothing_new',
    );
  });

  it.each([
    ['its list was read too long ago', { lastWalkAt: '2026-03-10T06:00:00.000Z' }, 'walk_due'],
    ['the clock was wrong when it was read', { lastWalkAt: '2026-03-12T06:00:00.000Z' }, 'walk_due'],
    ['its schedule has moved', { nextRunAt: '2026-03-10T09:00:00.000Z' }, 'schedule_moved'],
  ])('is read when %s', (_when, changes, reason) => {
    expect(plan({ ...read, checkpoint: checkpoint(changes) })).toBe(`incremental: ${reason}`);
  });
});

it('spreads full walks over the last seventh of their period', () => {
  const began = '2026-03-01T00:00:00.000Z';
  const dueDays = Array.from(
    { length: 1000 },
    (_, index) => (fullWalkDueAtMs(`monitor_${index}`, began, 7) - Date.parse(began)) / dayMs,
  );
  expect(Math.min(...dueDays)).toBeGreaterThanOrEqual(6);
  expect(Math.max(...dueDays)).toBeLessThanOrEqual(7);
  const firstHalf = dueDays.filter((days) => days < 6.5).length;
  expect(firstHalf).toBeGreaterThan(400);
  expect(firstHalf).toBeLessThan(600);
});
