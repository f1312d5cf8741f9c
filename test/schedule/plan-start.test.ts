import { expect, test } from 'vitest';
import { backoffMs } from '../../src/schedule/backoff.ts';
import { createOccurrences } from '../../src/schedule/occurrences.ts';
import { isLate, jitterMs } from '../../src/schedule/plan-start.ts';

const weekdays = createOccurrences('0 9,17 * * 1-5', 'Etc/UTC');
const history = (lastComplete: string) => ({
  lastCompleteMs: Date.parse(lastComplete),
  failedInARow: 0,
  lastFailedMs: null,
});

test.each([
  ['the firing of Friday evening was missed', '2026-03-13T09:00:20Z', '2026-03-14T12:00:00Z', true],
  ['nothing fires at the weekend', '2026-03-13T17:00:20Z', '2026-03-15T12:00:00Z', false],
  ['the firing of Monday was missed', '2026-03-13T17:00:20Z', '2026-03-16T09:00:00Z', true],
])('%s', (_what, lastComplete, now, late) => {
  expect(isLate(history(lastComplete), weekdays, Date.parse(now))).toBe(late);
});

test('a cycle that a jitter made late was not late', () => {
  const occurrences = createOccurrences('*/15 * * * *', 'Etc/UTC');

  expect(isLate(history('2026-03-10T12:00:30Z'), occurrences, Date.parse('2026-03-10T12:14:59Z'))).toBe(
    false,
  );
});

test('the back-off doubles from a minute to an hour', () => {
  const minutes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 5000].map((failures) => backoffMs(failures) / 60_000);

  expect(minutes).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test('the jitter reaches at most halfway into the next firing', () => {
  expect(jitterMs(0.5, 30_000, 900_000)).toBe(15_000);
  expect(jitterMs(0.999, 3_600_000, 60_000)).toBe(29_970);
  expect(jitterMs(0.5, 0, 60_000)).toBe(0);
});
