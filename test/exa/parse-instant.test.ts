import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseInstant } from '../../src/exa/records/parse-instant.ts';

const two = (value: number) => String(value).padStart(2, '0');

describe('an instant', () => {
  test.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05.1Z', '2026-01-02T03:04:05.1Z'],
    ['2026-01-02T03:04:05.123456Z', '2026-01-02T03:04:05.123456Z'],
    ['2026-01-02T03:04:05.123456+05:30', '2026-01-02T03:04:05.123456+05:30'],
    ['2026-01-02T03:04:05-15:59', '2026-01-02T03:04:05-15:59'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999999Z'],
  ])('%s stays as it was sent', (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  test.each([
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05Z', 'UTC without an offset'],
    ['2026-01-02t03:04:05z', '2026-01-02T03:04:05Z', 'small letters'],
    ['2026-01-02 03:04:05Z', '2026-01-02T03:04:05Z', 'a space'],
    ['2026-01-02T03:04:05.9999999Z', '2026-01-02T03:04:05.999999Z', 'what Postgres would round up'],
    [
      `2026-01-02T03:04:05.${'1'.repeat(200)}Z`,
      '2026-01-02T03:04:05.111111Z',
      'more digits than Postgres reads',
    ],
  ])('%s becomes %s: %s', (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  test.each([
    '',
    'infinity',
    'now',
    '2026-01-02',
    '2026-01-02T03:04Z',
    '2026-1-2T03:04:05Z',
    '1767323045',
    '20260102T030405Z',
    '+002026-01-02T03:04:05Z',
    '2026-01-02T03:04:05+0530',
    '2026-01-02T03:04:05.Z',
    '2026-01-02T03:04:05Z\n',
    ' 2026-01-02T03:04:05Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T23:60:00Z',
    '2026-12-31T23:59:60Z',
    '2026-01-01T00:00:00+16:00',
    '2026-01-01T00:00:00-23:59',
    '2026-01-01T00:00:00+01:60',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '10000-01-01T00:00:00Z',
  ])('%j is none', (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  test('any instant that exists is read, and as that instant', () => {
    const existing = fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    });
    const offsets = fc.tuple(fc.constantFrom('+', '-'), fc.nat(15), fc.nat(59));
    fc.assert(
      fc.property(existing, offsets, fc.boolean(), (date, [sign, hours, minutes], inUtc) => {
        const offset = inUtc ? 'Z' : `${sign}${two(hours)}:${two(minutes)}`;
        const parsed = parseInstant(date.toISOString().replace('Z', offset));
        const offsetMs = inUtc ? 0 : Number(`${sign}1`) * (hours * 60 + minutes) * 60_000;
        expect(Date.parse(parsed ?? '')).toBe(date.getTime() - offsetMs);
      }),
    );
  });

  test('no day that the calendar lacks is read', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9999 }),
        fc.nat(13),
        fc.nat(32),
        fc.nat(25),
        fc.nat(61),
        (year, month, day, hour, minute) => {
          const text = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:00.000Z`;
          const date = new Date(0);
          date.setUTCFullYear(year, month - 1, day);
          date.setUTCHours(hour, minute);
          // A date that does not exist is another one after the round trip.
          expect(parseInstant(text)).toBe(date.toISOString() === text ? text : null);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
