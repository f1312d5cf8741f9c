import { describe, expect, it } from 'vitest';
import type { Monitor } from '../../src/sync/model.ts';
import { awaitedRunAt, reasonOfSchedule } from '../../src/sync/plan/schedule-evidence.ts';
import { someMonitor } from '../builders/some-monitor.ts';

const fired = '2026-03-10T06:00:00.000Z';
const next = '2026-03-11T06:00:00.000Z';

const monitor = (nextRunAt: string | null): Monitor => someMonitor({ nextRunAt });

function runAt(createdAt: string) {
  return { id: 'run_1', status: 'completed', createdAt, updatedAt: createdAt };
}

const after = (minutes: number): number => Date.parse(fired) + minutes * 60_000;

describe('a schedule that has fired', () => {
  it('and moved on is no reason to look within its first minute, in which it has no run yet', () => {
    expect(reasonOfSchedule(monitor(next), { nextRunAt: fired }, after(0), null)).toBeNull();
    expect(reasonOfSchedule(monitor(next), { nextRunAt: fired }, after(0.9), null)).toBeNull();
  });

  it('and still names the past is one at once: nothing says that the API has noticed', () => {
    expect(reasonOfSchedule(monitor(fired), { nextRunAt: fired }, after(0), null)).toBe('run_overdue');
  });

  it('is a reason to look from then on, moved or not', () => {
    expect(reasonOfSchedule(monitor(next), { nextRunAt: fired }, after(1), null)).toBe('schedule_moved');
    expect(reasonOfSchedule(monitor(fired), { nextRunAt: fired }, after(1), null)).toBe('run_overdue');
  });

  it('stays one until its run was seen', () => {
    const yesterday = runAt('2026-03-09T06:00:10.000Z');
    expect(awaitedRunAt(next, fired, yesterday, after(15))).toBe(fired);
    expect(awaitedRunAt(next, fired, null, after(15))).toBe(fired);
    expect(awaitedRunAt(next, fired, runAt('2026-03-10T06:00:10.000Z'), after(15))).toBe(next);
  });

  it('counts a run that says it was created a little before', () => {
    expect(awaitedRunAt(next, fired, runAt('2026-03-10T05:59:58.000Z'), after(15))).toBe(next);
  });

  it('is not answered by a run that is dated in the future', () => {
    expect(awaitedRunAt(next, fired, runAt('2031-01-01T00:00:00.000Z'), after(15))).toBe(fired);
  });

  it('is given up after an hour without a run', () => {
    expect(awaitedRunAt(next, fired, null, after(60))).toBe(next);
  });
});

it('a schedule that was changed before it fired is the new one', () => {
  expect(reasonOfSchedule(monitor(next), { nextRunAt: fired }, after(-60), null)).toBe('schedule_moved');
  expect(awaitedRunAt(next, fired, null, after(-60))).toBe(next);
});

it('a schedule that nobody knows is no reason to look', () => {
  expect(reasonOfSchedule(monitor(null), { nextRunAt: null }, after(0), null)).toBeNull();
  expect(awaitedRunAt(null, null, null, after(0))).toBeNull();
});
