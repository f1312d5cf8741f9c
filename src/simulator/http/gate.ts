import { setTimeout as wait } from 'node:timers/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError, refuseKey } from '../answers/api-error.ts';
import type { BadKeyStatus } from '../answers/api-error.ts';
import type { Clock } from '../state/clock.ts';
import { createRateLimiter, retryAfterHeader } from './rate-limit.ts';
import type { RateLimitOptions } from './rate-limit.ts';

/** What stands before every endpoint: the key, the rate, and the way there and back. */
export interface Gate {
  /** Resolves when the request may be answered. @throws ApiError 401 or 400, 429 */
  admit(headers: IncomingHttpHeaders): Promise<void>;
  setLatencyMs(latencyMs: number): void;
  setRateLimit(rateLimit: RateLimitOptions): void;
}

export interface GateOptions {
  readonly apiKey: string;
  /** How any other key is answered. Default 401, as documented; 400 was recorded. */
  readonly badKeyStatus?: BadKeyStatus;
  readonly rateLimit?: RateLimitOptions;
  readonly latencyMs?: number;
}

export function createGate(options: GateOptions, clock: Clock): Gate {
  let latencyMs = options.latencyMs ?? 0;
  let rateLimit = options.rateLimit ?? { requestsPerSecond: 0 };
  let takeTurn = createRateLimiter(rateLimit.requestsPerSecond, clock);
  return {
    async admit(headers) {
      // Counted on arrival: a server's window does not wait for the network.
      const authorized = isAuthorized(headers, options.apiKey);
      const waitMs = authorized ? takeTurn() : null;
      const header =
        waitMs === null ? null : retryAfterHeader(rateLimit.retryAfter ?? 'seconds', waitMs, clock.now());
      if (latencyMs > 0) {
        await wait(latencyMs);
      }
      if (!authorized) {
        throw refuseKey(options.badKeyStatus ?? 401);
      }
      if (waitMs !== null) {
        throw new ApiError(429, 'Too many requests', { retryAfter: header });
      }
    },
    setLatencyMs(ms) {
      latencyMs = ms;
    },
    setRateLimit(limit) {
      rateLimit = limit;
      takeTurn = createRateLimiter(limit.requestsPerSecond, clock);
    },
  };
}

function isAuthorized(headers: IncomingHttpHeaders, apiKey: string): boolean {
  return headers['x-api-key'] === apiKey || headers.authorization === `Bearer ${apiKey}`;
}
