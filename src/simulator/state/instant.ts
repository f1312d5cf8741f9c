const dayMs = 86_400_000;
const twoDigits = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'));

/**
 * RFC 3339 in UTC with milliseconds, like `Date.prototype.toISOString` for the years 0 to 9999 and several times
 * faster: instants are most of what a page of runs consists of. A fraction of a millisecond shows as six decimals.
 */
export function toInstant(ms: number): string {
  if (!Number.isInteger(ms)) {
    const microseconds = Math.round(ms * 1000);
    const whole = Math.floor(microseconds / 1000);
    return `${toInstant(whole).slice(0, -1)}${String(microseconds - whole * 1000).padStart(3, '0')}Z`;
  }
  const day = Math.floor(ms / dayMs);
  const inDay = ms - day * dayMs;
  const seconds = Math.floor(inDay / 1000);
  const minutes = Math.floor(seconds / 60);
  const fraction = inDay - seconds * 1000;
  const time = `${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}`;
  return `${toDate(day)}T${time}.${Math.floor(fraction / 100)}${twoDigits[fraction % 100]}Z`;
}

/** The Gregorian date of a day counted from 1970, by years that begin in March: leap days come last. */
function toDate(day: number): string {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return `${twoDigits[Math.floor(year / 100)]}${twoDigits[year % 100]}-${twoDigits[month]}-${twoDigits[dayOfMonth]}`;
}
