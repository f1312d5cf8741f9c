import { describe, expect, it } from 'vitest';
import { addDays, isCovered, listDays, planSpans } from '../../src/analytics/report/data/days.ts';
import {
  formatInstant,
  formatRate,
  formatSeconds,
  formatShortInstant,
  shorten,
} from '../../src/analytics/report/drawing/format.ts';

describe('a rate', () => {
  it.each([
    [null, '–'],
    [0, '0.0%'],
    [0.0004, '<0.1%'],
    [0.0005, '0.1%'],
    [0.125, '12.5%'],
    [0.9996, '>99.9%'],
    [1, '100.0%'],
  ])('%j reads %s', (rate, text) => {
    expect(formatRate(rate)).toBe(text);
  });
});

describe('a duration', () => {
  it.each([
    [null, '–'],
    [0, '0 s'],
    [90.25, '90.3 s'],
    [120, '2 min'],
    [540, '9 min'],
    [9000, '2.5 h'],
    [3_600_000, '1,000 h'],
  ])('of %j seconds reads %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe('an instant', () => {
  it('is shown in UTC, whatever its offset', () => {
    expect(formatInstant('2026-11-09T01:05:00.000+02:00')).toBe('8 Nov 2026, 23:05 UTC');
    expect(formatShortInstant('2026-12-31T23:59:59.999Z')).toBe('31 Dec 23:59');
    expect(formatShortInstant('2026-09-01T00:00:00Z')).toBe('1 Sep 00:00');
    expect(formatInstant(null)).toBe('–');
  });
});

describe('a long text', () => {
  it('is cut between characters', () => {
    expect(shorten('abcdef', 6)).toBe('abcdef');
    expect(shorten('abcdefg', 6)).toBe('abcde…');
    expect(shorten('😀'.repeat(7), 6)).toBe(`${'😀'.repeat(5)}…`);
  });
});

describe('days', () => {
  it('are counted over leap days and ends of years', () => {
    expect(listDays('2028-03-01', 3)).toEqual(['2028-02-28', '2028-02-29', '2028-03-01']);
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  });

  it('become weeks that end with the newest day when there are too many', () => {
    const days = listDays('2026-11-22', 50);
    expect(planSpans(days.slice(-2), 45)).toEqual([
      { firstDay: '2026-11-21', lastDay: '2026-11-21' },
      { firstDay: '2026-11-22', lastDay: '2026-11-22' },
    ]);
    const spans = planSpans(days, 45);
    expect(spans).toHaveLength(8);
    expect(spans.at(-1)).toEqual({ firstDay: '2026-11-16', lastDay: '2026-11-22' });
    expect(spans[0]).toEqual({ firstDay: '2026-10-04', lastDay: '2026-10-04' });
    expect(planSpans(listDays('2026-11-22', 366), 45)).toHaveLength(27);
  });

  it('count as known when the sync has seen their end, and today when it has seen its beginning', () => {
    const today = '2026-11-22';
    expect(isCovered('2026-11-20', '2026-11-21', today)).toBe(true);
    expect(isCovered('2026-11-21', '2026-11-21', today)).toBe(false);
    expect(isCovered(today, today, today)).toBe(true);
    expect(isCovered(today, '2026-11-21', today)).toBe(false);
    expect(isCovered('2026-11-20', null, today)).toBe(false);
  });
});
