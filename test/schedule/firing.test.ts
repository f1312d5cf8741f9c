import { expect, test } from 'vitest';
import { watchOccurrences } from '../../src/schedule/firing.ts';
import { createOccurrences } from '../../src/schedule/occurrences.ts';

const minuteMs = 60_000;

/** The firings between two instants for somebody who looks every minute, as `DD HH:MM` in UTC. */
function firingsBetween(cron: string, from: string, to: string): readonly string[] {
  const fired: string[] = [];
  let nowMs = Date.parse(from);
  const isDue = watchOccurrences(createOccurrences(cron, 'Europe/Berlin'), { now: () => nowMs });
  for (; nowMs < Date.parse(to); nowMs += minuteMs) {
    if (isDue()) fired.push(new Date(nowMs).toISOString().slice(8, 16).replace('T', ' '));
  }
  return fired;
}

test('in the night whose 02:30 does not exist a daily schedule fires when the clocks jump', () => {
  expect(firingsBetween('30 2 * * *', '2027-03-27T00:00:00Z', '2027-03-30T00:00:00Z')).toEqual([
    '27 01:30',
    '28 01:00',
    '29 00:30',
  ]);
});

test('in the night that has 02:30 twice a daily schedule fires once', () => {
  expect(firingsBetween('30 2 * * *', '2027-10-30T00:00:00Z', '2027-11-02T00:00:00Z')).toEqual([
    '30 00:30',
    '31 00:30',
    '01 01:30',
  ]);
});

test.each([
  ['forward', '2027-03-28T00:00:00Z', '2027-03-28T04:00:00Z'],
  ['back', '2027-10-31T00:00:00Z', '2027-10-31T04:00:00Z'],
])('a schedule of a quarter of an hour goes on evenly when clocks go %s', (_way, from, to) => {
  // The one at the start itself came before somebody looked.
  expect(firingsBetween('*/15 * * * *', from, to)).toHaveLength(15);
});

test('what fell due while the machine slept is one firing, and the next comes in its time', () => {
  let nowMs = Date.parse('2026-03-10T12:01:00Z');
  const isDue = watchOccurrences(createOccurrences('*/15 * * * *', 'Etc/UTC'), { now: () => nowMs });
  const lookAt = (time: string): boolean => {
    nowMs = Date.parse(`2026-03-10T${time}Z`);
    return isDue();
  };

  expect(lookAt('18:07:00')).toBe(true);
  expect(lookAt('18:08:00')).toBe(false);
  expect(lookAt('18:15:00')).toBe(true);
});

test('a clock that is set back by hours stops nothing for hours', () => {
  let nowMs = Date.parse('2026-03-10T12:01:00Z');
  const isDue = watchOccurrences(createOccurrences('*/15 * * * *', 'Etc/UTC'), { now: () => nowMs });
  nowMs = Date.parse('2026-03-10T06:00:30Z');

  expect(isDue()).toBe(false);
  nowMs = Date.parse('2026-03-10T06:15:00Z');
  expect(isDue()).toBe(true);
});
