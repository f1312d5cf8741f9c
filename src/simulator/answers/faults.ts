/** The ways in which an API, or something between it and its client, goes wrong. Plain data: it can cross a process. */

export type RetryAfterStyle = 'seconds' | 'date' | 'none';

/** Answers that a client cannot use. */
export type AnswerFault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: 'json' | 'html';
      readonly retryAfter?: { readonly style: RetryAfterStyle; readonly seconds: number };
    }
  | { readonly kind: 'html200' | 'emptyBody' | 'nullBody' | 'withoutData' }
  /** `contentLength`, `chunked`: the connection ends in mid-body. `framed`: sound HTTP around half a JSON text. */
  | { readonly kind: 'truncatedBody'; readonly framing: 'contentLength' | 'chunked' | 'framed' }
  | { readonly kind: 'reset' }
  /** No answer until the client leaves or the simulator closes. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'refuseCursor'; readonly status: 400 | 404 }
  | { readonly kind: 'refuseLimit' };

/** Pages that are well-formed and wrong. */
export type PageFault =
  | { readonly kind: 'fewerRows'; readonly rows: number }
  | { readonly kind: 'hasMoreWithoutCursor' }
  /** Hands out the cursor of the list's second page again; from page three on it is not the one just used. */
  | { readonly kind: 'repeatedCursor' }
  /** `inPage`: the first row comes once more at the end. A number: so many last rows of the previous page come first. */
  | { readonly kind: 'repeatRows'; readonly rows: number | 'inPage' }
  /** The cursor is ignored: page one again, with a next cursor not seen before. */
  | { readonly kind: 'restartAtTop' };

export type Fault = AnswerFault | PageFault;

export type Endpoint = 'monitors' | 'monitor' | 'runs' | 'run' | 'events';

/** What a fault hook decides on. */
export interface FaultRequest {
  readonly endpoint: Endpoint;
  readonly monitorId: string | null;
  readonly runId: string | null;
  readonly cursor: string | null;
  readonly limit: number | null;
  /** Counts the simulator's requests from 1. */
  readonly ordinal: number;
}

/** Asked once per request, before it is answered. May change the account: that is how runs appear between two pages. */
export type FaultHook = (request: FaultRequest) => Fault | null;

const pageFaults: ReadonlySet<string> = new Set<PageFault['kind']>([
  'fewerRows',
  'hasMoreWithoutCursor',
  'repeatedCursor',
  'repeatRows',
  'restartAtTop',
]);

export function isPageFault(fault: Fault): fault is PageFault {
  return pageFaults.has(fault.kind);
}
