import { instantMs } from '../model.ts';
import type { SourceAccess } from '../ports.ts';

const dayMs = 86_400_000;

/** Whether a source is asked at all: an API that the account may not use is tried again once a day. */
export function isAskedAgain({ unavailableSince, askedAt }: SourceAccess, nowMs: number): boolean {
  if (unavailableSince === null || askedAt === null) return true;
  // Measured both ways: an instant in the future was written by a clock that was wrong.
  return Math.abs(nowMs - instantMs(askedAt)) >= dayMs;
}
