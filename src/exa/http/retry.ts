/** Whether and when there is another attempt. Pure: time and chance come in as arguments. */

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

/** How many retries a cycle may still spend. */
export interface RetryBudget {
  /** A first attempt has succeeded: a fifth of a retry more is allowed. */
  deposit(): void;
  /** Takes one retry out; false when there is none left. */
  withdraw(): boolean;
}

const reserve = 50;
const perSuccess = 0.2;
/** How long an outage may last that begins late in a large cycle: a quarter of an hour if every request times out. */
const cap = 200;

/**
 * A retry budget as in Finagle and Linkerd: one retry for five requests that succeed at once, and a reserve for the
 * start. In an outage nothing succeeds, so that the cycle ends after the reserve instead of backing off for hours.
 */
export function createRetryBudget(): RetryBudget {
  let balance = reserve;
  return {
    deposit() {
      balance = Math.min(cap, balance + perSuccess);
    },
    withdraw() {
      if (balance < 1) return false;
      balance -= 1;
      return true;
    },
  };
}
