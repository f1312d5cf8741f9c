import { expect, test } from 'vitest';
import { createOccurrences } from '../../src/schedule/occurrences.ts';

const ms = (instant: string): number => Date.parse(instant);

test('the next firing is after the instant, the last one may be at it', () => {
  const occurrences = createOccurrences('*/15 * * * *', 'Etc/UTC');

  expect(occurrences.nextAfter(ms('2026-03-10T12:15:00.000Z'))).toBe(ms('2026-03-10T12:30:00Z'));
  expect(occurrences.nextAfter(ms('2026-03-10T12:14:59.999Z'))).toBe(ms('2026-03-10T12:15:00Z'));
  expect(occurrences.lastUpTo(ms('2026-03-10T12:15:00.000Z'), 2)).toEqual([
    ms('2026-03-10T12:15:00Z'),
    ms('2026-03-10T12:00:00Z'),
  ]);
  expect(occurrences.lastUpTo(ms('2026-03-10T12:14:59.999Z'), 1)).toEqual([ms('2026-03-10T12:00:00Z')]);
});

test('the time zone and its change of clocks count', () => {
  const occurrences = createOccurrences('30 6 * * *', 'Europe/Berlin');

  expect(occurrences.lastUpTo(ms('2026-03-30T00:00:00Z'), 2)).toEqual([
    ms('2026-03-29T04:30:00Z'),
    ms('2026-03-28T05:30:00Z'),
  ]);
});

test('a day meets either of two restricted day fields, as in crontab', () => {
  const occurrences = createOccurrences('0 0 14 * 5', 'Etc/UTC');

  expect(occurrences.nextAfter(ms('2026-03-13T00:00:00Z'))).toBe(ms('2026-03-14T00:00:00Z'));
  expect(occurrences.nextAfter(ms('2026-03-14T00:00:00Z'))).toBe(ms('2026-03-20T00:00:00Z'));
});

test('a day field that begins with a star restricts the other one, as in crontab', () => {
  const occurrences = createOccurrences('0 0 */2 * 5', 'Etc/UTC');

  expect(occurrences.nextAfter(ms('2026-03-13T00:00:00Z'))).toBe(ms('2026-03-27T00:00:00Z'));
});
