import type { Clock } from '../state/clock.ts';
import type { RetryAfterStyle } from '../answers/faults.ts';

export interface RateLimitOptions {
  /** 0: no limit. */
  readonly requestsPerSecond: number;
  readonly retryAfter?: RetryAfterStyle;
}

/** Null: go on. Otherwise the wait that a `Retry-After` header would ask for, in milliseconds. */
export type RateLimiter = () => number | null;

const windowMs = 1000;

/** A sliding window of one second over the requests that were let through; refused ones do not count. */
export function createRateLimiter(requestsPerSecond: number, clock: Clock): RateLimiter {
  const passedAtMs: number[] = [];
  return () => {
    if (requestsPerSecond === 0) {
      return null;
    }
    const nowMs = clock.now();
    while (passedAtMs[0] !== undefined && passedAtMs[0] <= nowMs - windowMs) {
      passedAtMs.shift();
    }
    const [oldestMs] = passedAtMs;
    if (oldestMs !== undefined && passedAtMs.length >= requestsPerSecond) {
      return oldestMs + windowMs - nowMs;
    }
    passedAtMs.push(nowMs);
    return null;
  };
}

/** The header's value; null when the style is to send none. Both styles know whole seconds only, and round up. */
export function retryAfterHeader(style: RetryAfterStyle, waitMs: number, nowMs: number): string | null {
  switch (style) {
    case 'seconds':
      return String(Math.max(1, Math.ceil(waitMs / 1000)));
    case 'date':
      return new Date(Math.ceil((nowMs + waitMs) / 1000) * 1000).toUTCString();
    case 'none':
      return null;
  }
}
