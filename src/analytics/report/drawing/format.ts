/** Numbers and times as a report shows them; all times are UTC. */

/** Stands where there is no number to show. */
const nothing = '–';

export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 run`, `2 runs`. */
export function formatCounted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** A rate as percent, so that it neither hides a single failure nor a single success. */
export function formatRate(rate: number | null): string {
  if (rate === null) return nothing;
  const percent = rate * 100;
  if (rate > 0 && percent < 0.05) return '<0.1%';
  if (rate < 1 && percent >= 99.95) return '>99.9%';
  return `${percent.toFixed(1)}%`;
}

/** `42 s`, `12.5 min`, `3.2 h`. */
export function formatSeconds(seconds: number | null): string {
  if (seconds === null) return nothing;
  const { unit, secondsPerUnit } = durationUnit(seconds);
  const amount = seconds / secondsPerUnit;
  return `${amount < 100 ? amount.toFixed(1).replace('.0', '') : formatCount(Math.round(amount))} ${unit}`;
}

/** The unit in which people would say a duration of so many seconds. */
export function durationUnit(seconds: number): { readonly unit: string; readonly secondsPerUnit: number } {
  if (seconds < 120) return { unit: 's', secondsPerUnit: 1 };
  if (seconds < 7200) return { unit: 'min', secondsPerUnit: 60 };
  return { unit: 'h', secondsPerUnit: 3600 };
}

const longDay = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `9 Nov`. */
export function formatDay(day: string): string {
  const date = new Date(day);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ''}`;
}

/** `9 November 2026`. */
export function formatLongDay(day: string): string {
  return longDay.format(Date.parse(day));
}

/** `9 Nov 2026, 14:05 UTC`. */
export function formatInstant(instant: string | null): string {
  if (instant === null) return nothing;
  const text = new Date(instant).toISOString();
  return `${formatDay(instant)} ${text.slice(0, 4)}, ${text.slice(11, 16)} UTC`;
}

/** `9 Nov 14:05`, where it is said elsewhere that times are UTC. */
export function formatShortInstant(instant: string | null): string {
  return instant === null
    ? nothing
    : `${formatDay(instant)} ${new Date(instant).toISOString().slice(11, 16)}`;
}

/** Cuts a text that may be as long as the API likes. */
export function shorten(text: string, maxCharacters: number): string {
  const characters = Array.from(text.slice(0, maxCharacters * 2 + 2));
  return characters.length > maxCharacters ? `${characters.slice(0, maxCharacters - 1).join('')}…` : text;
}
