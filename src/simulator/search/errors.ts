import { ApiError, refuseKey } from '../answers/api-error.ts';
import type { Refusal } from '../answers/faults.ts';

const usualTags: Readonly<Record<number, string>> = {
  400: 'INVALID_REQUEST_QUERY',
  401: 'INVALID_API_KEY',
  402: 'NO_MORE_CREDITS',
  403: 'FEATURE_DISABLED',
  404: 'NOT_FOUND',
  429: 'RATE_LIMIT_EXCEEDED',
  503: 'SERVICE_OVERLOADED',
};

export function encodeSearchError(error: ApiError, requestId: string): string {
  const tag = error.tag ?? usualTags[error.status] ?? 'DEFAULT_ERROR';
  return JSON.stringify({ requestId, error: error.message, tag });
}

export function createSearchRefusal(because: Refusal): ApiError {
  switch (because) {
    case 'badKey':
      return refuseKey(401);
    case 'badKey400':
      return refuseKey(400);
    case 'credits':
      return new ApiError(402, 'You have exceeded your credits limit', { tag: 'NO_MORE_CREDITS' });
    case 'plan':
      return new ApiError(403, 'This feature is not enabled for your team', { tag: 'FEATURE_DISABLED' });
  }
}
