import { ApiError } from './api-error.ts';
import type { ContentFault } from './faults.ts';
import type { Pager } from './paging.ts';

/** A request as its answer depends on it. */
export interface ApiRequest {
  readonly monitorId: string;
  readonly runId: string;
  /** As parsed from the URL, unchecked. */
  readonly query: unknown;
  readonly ordinal: number;
  readonly fault: ContentFault | null;
  readonly pager: Pager;
}

/** Makes the JSON text of a 200 answer. @throws ApiError for anything else. */
export type Answer<Account> = (account: Account, request: ApiRequest) => string;

/** The instant whose state the answer shows. */
export function seenAtMs(nowMs: number, fault: ContentFault | null): number {
  return fault?.kind === 'lag' ? nowMs - fault.byMs : nowMs;
}

export function isHidden(runId: string, fault: ContentFault | null): boolean {
  return fault?.kind === 'hideRuns' && fault.runIds.includes(runId);
}

export function refuseCursor(): never {
  throw new ApiError(400, 'Invalid cursor');
}
