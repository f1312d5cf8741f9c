const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)?$/;

/** What the API sends nearly always: good in any month of any year, so that nothing else needs to be looked at. */
const plainInstant =
  /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?Z$/;

const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const firstMs = Date.parse('0001-01-01T00:00:00Z');
const lastMs = Date.parse('9999-12-31T23:59:59.999Z');

/** Postgres keeps microseconds. It rounds what is finer, JavaScript cuts: a compared instant must not depend on which. */
const storedFraction = '.000000'.length;

/**
 * An RFC 3339 date-time that JavaScript and Postgres both read, and read as the same instant; null for anything else.
 * Each of them takes what the other refuses (30 February, second 60, offsets from ±16:00, year 0), hence the checks.
 * UTC when the offset is missing; digits below a microsecond are cut; otherwise as sent.
 */
export function parseInstant(text: string): string | null {
  if (plainInstant.test(text)) return text;
  const match = rfc3339.exec(text);
  if (match === null) return null;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', offset] =
    match;
  if (!isCalendarDay(Number(year), Number(month), Number(day))) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const zone = offset === undefined ? 'Z' : offset.toUpperCase();
  if (zone !== 'Z' && !isOffset(zone)) return null;
  const instant = `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, storedFraction)}${zone}`;
  const ms = Date.parse(instant);
  return ms >= firstMs && ms <= lastMs ? instant : null;
}

function isCalendarDay(year: number, month: number, day: number): boolean {
  if (day < 1 || day > (daysOfMonth[month - 1] ?? 0)) return false;
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month !== 2 || day < 29 || isLeapYear;
}

/** Postgres refuses offsets from ±16:00 on. */
function isOffset(zone: string): boolean {
  return Number(zone.slice(1, 3)) <= 15 && Number(zone.slice(4, 6)) <= 59;
}
