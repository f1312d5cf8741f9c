/** Arithmetic with days in UTC, written as `2026-01-31`. */

const dayMs = 86_400_000;

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
}

/** The days that end with `lastDay`, oldest first. */
export function listDays(lastDay: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => addDays(lastDay, index + 1 - count));
}

/** Consecutive days that are shown as one. */
export interface DaySpan {
  readonly firstDay: string;
  readonly lastDay: string;
}

/** Cuts days into at most `maxSpans` spans of single days, weeks or multiples of weeks; the first one may be shorter. */
export function planSpans(days: readonly string[], maxSpans: number): readonly DaySpan[] {
  const length = days.length <= maxSpans ? 1 : 7 * Math.ceil(days.length / maxSpans / 7);
  const count = Math.ceil(days.length / length);
  return Array.from({ length: count }, (_, index) => {
    const end = days.length - (count - 1 - index) * length;
    return {
      firstDay: days[Math.max(0, end - length)] ?? '',
      lastDay: days[end - 1] ?? '',
    };
  });
}

/**
 * Whether a day is known to its end, or, of today, at least its beginning.
 * @param coveredDay the day of the instant up to which runs are known
 */
export function isCovered(day: string, coveredDay: string | null, today: string): boolean {
  return coveredDay !== null && (coveredDay > day || coveredDay >= today);
}
