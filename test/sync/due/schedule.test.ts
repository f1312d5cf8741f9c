import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  dueTimes,
  longestGapMs,
  ScheduleReader,
  type ScheduledMonitor,
} from '../../../src/sync/due/schedule.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function monitor(change: Partial<ScheduledMonitor>): ScheduledMonitor {
  return {
    cadenceCron: null,
    cadenceTimezone: null,
    trigger: null,
    createdAt: '2026-01-01T00:10:00Z',
    ...change,
  };
}

function due(change: Partial<ScheduledMonitor>, from: string, through: string): readonly string[] {
  const schedule = new ScheduleReader().scheduleOf(monitor(change));
  if (schedule === null) return ['no schedule'];
  return dueTimes(schedule, Date.parse(from), Date.parse(through)).map((ms) => new Date(ms).toISOString());
}

it.each([
  ['30 6 * * 1-5', 'Etc/UTC', '2026-03-05T12:00Z', '2026-03-10T12:00Z', ['06T06:30', '09T06:30', '10T06:30']],
  ['0 */6 * * *', 'Etc/UTC', '2026-03-05T00:00Z', '2026-03-05T23:00Z', ['05T06:00', '05T12:00', '05T18:00']],
  [
    '0 9 1 * *',
    'Europe/Berlin',
    '2026-03-01T00:00Z',
    '2026-05-02T00:00Z',
    ['01T08:00', '01T07:00', '01T07:00'],
  ],
  // Clocks go forward on 29 March 2026 at 01:00 UTC and back on 25 October 2026 at 01:00 UTC.
  ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z', '2026-03-30T12:00Z', ['29T01:00', '30T00:30']],
  ['30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', '2026-10-26T12:00Z', ['25T00:30', '26T01:30']],
  ['0 12 29 2 *', 'Etc/UTC', '2026-01-01T00:00Z', '2028-12-31T00:00Z', ['29T12:00']],
])('%s in %s is due at its times', (cron, timezone, from, through, expected) => {
  const times = due({ cadenceCron: cron, cadenceTimezone: timezone }, from, through);
  expect(times.map((time) => time.slice(8, 16))).toEqual(expected);
});

it('an interval is counted from the creation of the monitor', () => {
  const trigger = { type: 'interval', period: '6h' };
  expect(due({ trigger }, '2026-01-01T00:00Z', '2026-01-01T13:00Z')).toEqual([
    '2026-01-01T06:10:00.000Z',
    '2026-01-01T12:10:00.000Z',
  ]);
});

it.each([
  ['by hand only', {}],
  ['a cron that is none', { cadenceCron: 'soon' }],
  ['a time zone that is none', { cadenceCron: '0 9 * * *', cadenceTimezone: 'Mars/Olympus' }],
  ['an interval of nothing', { trigger: { type: 'interval', period: '0h' } }],
  ['a trigger of tomorrow', { trigger: { type: 'event', on: 'news' } }],
])('with %s nothing is ever due', (_what, change) => {
  expect(new ScheduleReader().scheduleOf(monitor(change))).toBeNull();
});

it.each([
  ['0 9 * * *', dayMs],
  ['30 6 * * 1-5', 3 * dayMs],
  ['0 */6 * * *', 6 * hourMs],
  ['0 9 1 * *', 31 * dayMs],
])('the longest gap of %s is known', (cron, gapMs) => {
  const schedule = new ScheduleReader().scheduleOf(monitor({ cadenceCron: cron }));
  expect(schedule && longestGapMs(schedule, Date.parse('2026-01-01T00:00Z'))).toBe(gapMs);
});

const weekdays: Readonly<Record<string, number>> = { Sun: 0, Mon: 1, Tue: 2, Wed: 3, Thu: 4, Fri: 5, Sat: 6 };

/** The times of a schedule by looking at every half hour of the span. */
function recomputed(
  { minute, hours, days }: { minute: number; hours: readonly number[]; days: readonly number[] },
  timezone: string,
  fromMs: number,
  throughMs: number,
): readonly number[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const times: number[] = [];
  for (let ms = fromMs + hourMs / 2; ms <= throughMs; ms += hourMs / 2) {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const isDue =
      Number(parts['minute']) === minute &&
      hours.includes(Number(parts['hour'])) &&
      days.includes(weekdays[parts['weekday'] ?? ''] ?? -1);
    if (isDue) times.push(ms);
  }
  return times;
}

const some = <T>(values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 });

it('the times of random schedules are those that a look at every half hour finds', () => {
  fc.assert(
    fc.property(
      fc.record({
        minute: fc.constantFrom(0, 30),
        // Not the hours that clocks skip or repeat somewhere: those are told above.
        hours: some([4, 5, 9, 12, 18, 23]),
        days: some([0, 1, 2, 3, 4, 5, 6]),
      }),
      fc.constantFrom('Etc/UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'),
      // Days around both changes of the clocks, and a leap day.
      fc.constantFrom('2026-03-01T00:00Z', '2026-10-20T00:00Z', '2028-02-25T00:00Z'),
      fc.integer({ min: 0, max: 40 }),
      (times, timezone, from, days) => {
        const fromMs = Date.parse(from);
        const throughMs = fromMs + days * dayMs;
        const cadenceCron = `${times.minute} ${times.hours.join(',')} * * ${times.days.join(',')}`;
        const schedule = new ScheduleReader().scheduleOf(monitor({ cadenceCron, cadenceTimezone: timezone }));
        expect(schedule && dueTimes(schedule, fromMs, throughMs)).toEqual(
          recomputed(times, timezone, fromMs, throughMs),
        );
      },
    ),
    { numRuns: 60 },
  );
});
