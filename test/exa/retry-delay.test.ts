import { describe, expect, test } from 'vitest';
import { backoffMs, retryAfterMs } from '../../src/exa/http/retry.ts';

describe('backoff', () => {
  test('doubles from half a second up to 30 seconds', () => {
    expect([1, 2, 3, 6, 7, 8, 2000].map((attempt) => backoffMs(attempt, 1))).toEqual([
      500, 1000, 2000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  test('is spread over the whole range down to nothing', () => {
    expect([0, 0.25, 0.5].map((random) => backoffMs(3, random))).toEqual([0, 500, 1000]);
  });
});

describe('Retry-After', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z');

  test.each([
    ['5', 5000],
    [' 1.5 ', 1500],
    ['86400', 86_400_000],
  ])('%j seconds', (value, expected) => {
    expect(retryAfterMs(value, null, nowMs)).toBe(expected);
  });

  test.each([
    'Thu, 01 Jan 2026 00:00:30 GMT',
    'Thursday, 01-Jan-26 00:00:30 GMT',
    'Thu Jan  1 00:00:30 2026',
  ])('a date: %s', (value) => {
    expect(retryAfterMs(value, null, nowMs)).toBe(30_000);
  });

  test('a date is measured from the server’s clock, not from a wrong one here', () => {
    const value = 'Thu, 01 Jan 2026 00:00:30 GMT';
    expect(retryAfterMs(value, 'Thu, 01 Jan 2026 00:00:20 GMT', nowMs + 3_600_000)).toBe(10_000);
    expect(retryAfterMs(value, 'nonsense', nowMs)).toBe(30_000);
  });

  test.each([null, '', '-5', '0', 'soon', '5 minutes', '-2026', '2026-01-01', 'Thu, never'])(
    '%j says nothing about the time ahead',
    (value) => {
      // Any year that a lenient reader might see in it lies ahead of this.
      expect(retryAfterMs(value, null, Date.parse('1971-01-01T00:00:00Z'))).toBeNull();
    },
  );

  test('neither does a date that has passed', () => {
    expect(retryAfterMs('Wed, 31 Dec 2025 23:59:59 GMT', null, nowMs)).toBeNull();
    expect(retryAfterMs('Thu, 01 Jan 2026 00:00:00 GMT', null, nowMs)).toBeNull();
  });
});
