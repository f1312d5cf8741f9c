import { describe, expect, it } from 'vitest';
import type { Checkpoint, Monitor } from '../../src/sync/model.ts';
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
  return {
    id: 'monitor_1',
    websetId: 'webset_1',
    status: 'enabled',
    cadenceCron: '0 6 * * *',
    cadenceTimezone: 'Etc/UTC',
    behavior: {},
    metadata: {},
    name: null,
    trigger: null,
    outputSchema: null,
    lastRun,
    nextRunAt: '2026-03-11T06:00:00.000Z',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    extra: null,
    ...changes,
  };
}

function checkpoint(changes: Partial<Checkpoint> = {}): Checkpoint {
  return {
    monitorId: 'monitor_1',
    syncedThrough: lastRun.createdAt,
    unfinishedWalk: null,
    lastFullWalkAt: '2026-03-09T00:00:00.000Z',
    newestRun: lastRun,
    nextRunAt: '2026-03-11T06:00:00.000Z',
    consecutiveFailures: 0,
    ...changes,
  };
}

function plan(changes: Partial<PlanInput> = {}): string {
  const { decision, reason } = planMonitor({
    monitor: monitor(),
    checkpoint: checkpoint(),
    youngOpenRuns: 0,
    hasRejectedRuns: false,
    nowMs: Date.parse(now),
    options: { full: false, since: null, fullWalkDays: 7 },
    ...changes,
  });
  return `${decision}: ${reason}`;
}

const unfinishedWalk = {
  kind: 'full',
  cursor: 'c',
  mark: null,
  stopAt: null,
  descending: true,
  oldestCreatedAt: null,
  newestRun: null,
  pages: 1,
  startedAt: now,
} as const;

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
    ['an open run is stored', { youngOpenRuns: 1 }, 'incremental: open_runs'],
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
    [
      'a full walk is asked for',
      { options: { full: true, since: null, fullWalkDays: 7 } },
      'full: full_requested',
    ],
    [
      'a date is asked for',
      { options: { full: false, since: '2026-03-01T00:00:00Z', fullWalkDays: 7 } },
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
