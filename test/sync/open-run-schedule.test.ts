import { describe, expect, it } from 'vitest';
import type { OpenRun } from '../../src/sync/model.ts';
import { dueOpenRuns, isAwaited } from '../../src/sync/plan/open-run-schedule.ts';

const createdAt = '2026-03-01T00:00:00.000Z';
const dayMs = 86_400_000;
const at = (days: number, minutes = 0): number => Date.parse(createdAt) + days * dayMs + minutes * 60_000;

function openRun(changes: Partial<OpenRun> = {}): OpenRun {
  return {
    id: 'r',
    monitorId: 'm',
    createdAt,
    updatedAt: createdAt,
    hasEnded: false,
    absentSince: null,
    ...changes,
  };
}

function asked(runs: readonly OpenRun[], nowMs: number, previousMs: number | null, apiAheadMs = 0) {
  const previousCycleAt = previousMs === null ? null : new Date(previousMs).toISOString();
  return dueOpenRuns({ openRuns: new Map([['m', runs]]), previousCycleAt }, null, nowMs, apiAheadMs);
}

function isDue(run: OpenRun, nowMs: number, previousMs: number | null): boolean {
  return asked([run], nowMs, previousMs).length > 0;
}

/** How often a run is asked for in so many days of cycles, one every 15 minutes. */
function asksInDays(from: number, days: number, run = openRun()): number {
  return Array.from({ length: 96 * days }, (_, cycle) => at(from, cycle * 15)).filter((now) =>
    isDue(run, now, now - 15 * 60_000),
  ).length;
}

it('asks for a run in every cycle of its first day', () => {
  expect(isAwaited(openRun(), at(0, 60))).toBe(true);
  expect(asksInDays(0, 1)).toBe(96);
});

it('asks hourly in its first week, daily in its first month, and ever more seldom afterwards', () => {
  expect(isAwaited(openRun(), at(1))).toBe(false);
  expect(asksInDays(3, 1)).toBe(24);
  expect(asksInDays(20, 1)).toBe(1);
  expect(asksInDays(28, 28)).toBe(4);
  expect(asksInDays(56, 56)).toBe(4);
});

it('makes up for cycles that did not happen', () => {
  expect(isDue(openRun(), at(20, 61), at(19, 1))).toBe(true);
  expect(isDue(openRun(), at(20, 61), at(20, 1))).toBe(false);
  expect(isDue(openRun(), at(20, 61), null)).toBe(true);
});

describe('a run of an unknown status that says when it ended', () => {
  const expired = openRun({ hasEnded: true });

  it('is no reason to walk, and asked for daily at most from the start', () => {
    expect(isAwaited(expired, at(0, 60))).toBe(false);
    expect(asksInDays(0, 7, expired)).toBeLessThanOrEqual(7);
  });

  it('costs a cycle a bounded number of requests, however many there are, and none is passed over for good', () => {
    const many = Array.from({ length: 1000 }, (_, index) => openRun({ id: `r${index}`, hasEnded: true }));
    const seen = new Set<string>();
    for (let day = 1; day <= 100; day += 1) {
      const runs = asked(many, at(2, day), null);
      expect(runs).toHaveLength(100);
      for (const { id } of runs) seen.add(id);
    }
    expect(seen.size).toBe(1000);
  });

  it('takes no place from runs that are young', () => {
    const many = Array.from({ length: 500 }, (_, index) => openRun({ id: `r${index}`, hasEnded: true }));
    const young = Array.from({ length: 300 }, (_, index) =>
      openRun({ id: `y${index}`, createdAt: new Date(at(2)).toISOString() }),
    );
    expect(asked([...many, ...young], at(2, 5), null)).toHaveLength(400);
  });
});

it('asks for a run that is marked absent daily, then ever more seldom', () => {
  const absent = openRun({ absentSince: createdAt });
  expect(isAwaited(absent, at(0, 60))).toBe(false);
  expect(asksInDays(0, 7, absent)).toBeGreaterThanOrEqual(6);
  expect(asksInDays(28, 28, absent)).toBe(4);
});

it('counts the age of a run by the clock that dated it', () => {
  const ahead = 2 * dayMs;
  const now = at(0, 30) + ahead;
  expect(asked([openRun()], now, now - 60_000, -ahead)).toHaveLength(1);
});
