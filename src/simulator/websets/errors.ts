import { STATUS_CODES } from 'node:http';
import { ApiError, refuseKey } from '../answers/api-error.ts';
import type { ErrorContext } from '../answers/api-error.ts';
import type { Refusal } from '../answers/faults.ts';
import { toInstant } from '../state/instant.ts';

export function encodeWebsetsError(error: ApiError, { path, requestId, nowMs }: ErrorContext): string {
  return JSON.stringify({
    statusCode: error.status,
    timestamp: toInstant(nowMs),
    message: error.message,
    error: STATUS_CODES[error.status] ?? 'Error',
    path,
    requestId,
  });
}

export function createWebsetsRefusal(because: Refusal): ApiError {
  switch (because) {
    case 'badKey':
      return refuseKey(401);
    case 'badKey400':
      return refuseKey(400);
    case 'credits':
      return new ApiError(402, 'You have run out of credits');
    case 'plan':
      return new ApiError(403, 'Upgrade to a Pro plan to use the Websets API');
  }
}
