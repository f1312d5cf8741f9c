/** How long to wait before another attempt. Pure: time and chance come in as arguments. */

const baseMs = 500;
const capMs = 30_000;

/** The most that a cycle waits because a server says so; longer, and the cycle ends instead. */
export const longestPauseMs = 300_000;

export const maxAttempts = 6;

/**
 * Exponential backoff with full jitter: anything from 0 to 500 ms × 2^(attempt − 1), 30 s at most, in milliseconds.
 * Full jitter, because workers that failed together must not come back together.
 * @param attempt the attempt that failed, from 1
 * @param random from 0 up to 1
 */
export function backoffMs(attempt: number, random: number): number {
  return Math.round(random * Math.min(capMs, baseMs * 2 ** (attempt - 1)));
}

/**
 * `Retry-After` (RFC 9110, 10.2.3) in milliseconds; null when it is absent, unreadable, or names no time ahead. A date
 * is measured from the answer's own `Date`, so that a wrong clock on this side does not matter.
 */
export function retryAfterMs(retryAfter: string | null, date: string | null, nowMs: number): number | null {
  const text = retryAfter?.trim() ?? '';
  const delayMs = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : (httpDateMs(text) ?? Number.NaN) - (httpDateMs(date ?? '') ?? nowMs);
  return delayMs > 0 ? Math.ceil(delayMs) : null;
}

/** All three forms of an HTTP date begin with a weekday; without it `Date.parse` would read `-5` as a year. */
function httpDateMs(text: string): number | null {
  if (!/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return null;
  // The obsolete asctime form names no zone and means UTC.
  const ms = Date.parse(/gmt$/i.test(text) ? text : `${text} GMT`);
  return Number.isNaN(ms) ? null : ms;
}
