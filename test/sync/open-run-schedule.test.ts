import { expect, it } from 'vitest';
import { isDue, isYoung } from '../../src/sync/plan/open-run-schedule.ts';

const createdAt = '2026-03-01T00:00:00.000Z';
const at = (days: number, minutes = 0): number =>
  Date.parse(createdAt) + days * 86_400_000 + minutes * 60_000;

/** How often a run is asked for in one day of cycles, one every 15 minutes. */
function asksInDay(day: number): number {
  return Array.from({ length: 96 }, (_, cycle) => at(day, cycle * 15)).filter((now) =>
    isDue(createdAt, now, now - 15 * 60_000),
  ).length;
}

it('asks for a run in every cycle of its first day', () => {
  expect(isYoung(createdAt, at(0, 60))).toBe(true);
  expect(asksInDay(0)).toBe(96);
});

it('asks hourly in its first week, daily afterwards', () => {
  expect(isYoung(createdAt, at(1))).toBe(false);
  expect(asksInDay(3)).toBe(24);
  expect(asksInDay(30)).toBe(1);
});

it('makes up for cycles that did not happen', () => {
  expect(isDue(createdAt, at(30, 61), at(29, 1))).toBe(true);
  expect(isDue(createdAt, at(30, 61), at(30, 1))).toBe(false);
  expect(isDue(createdAt, at(30, 61), null)).toBe(true);
});
