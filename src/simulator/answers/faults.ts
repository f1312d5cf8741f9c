/** The ways in which an API, or something between it and its client, goes wrong. Plain data: it can cross a process. */

export type RetryAfterStyle = 'seconds' | 'date' | 'none';

/** Why nothing is served: the key is wrong (as documented, as recorded), the credits are gone, the plan lacks this API. */
export type Refusal = 'badKey' | 'badKey400' | 'credits' | 'plan';

/** Answers that a client cannot use. */
export type AnswerFault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: 'json' | 'html';
      readonly retryAfter?: { readonly style: RetryAfterStyle; readonly seconds: number };
    }
  /** In the words of the API that is asked. */
  | { readonly kind: 'refuse'; readonly because: Refusal }
  | { readonly kind: 'html200' | 'emptyBody' | 'nullBody' | 'withoutData' }
  /** `contentLength`, `chunked`: the connection ends in mid-body. `framed`: sound HTTP around half a JSON text. */
  | { readonly kind: 'truncatedBody'; readonly framing: 'contentLength' | 'chunked' | 'framed' }
  | { readonly kind: 'reset' }
  /** No answer until the client leaves or the simulator closes. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'refuseCursor'; readonly status: 400 | 404 }
  | { readonly kind: 'refuseLimit' };

/** Answers that are well-formed and wrong. */
export type ContentFault =
  | { readonly kind: 'fewerRows'; readonly rows: number }
  | { readonly kind: 'hasMoreWithoutCursor' }
  /** Hands out the cursor of the list's second page again; from page three on it is not the one just used. */
  | { readonly kind: 'repeatedCursor' }
  /** `inPage`: the first row comes once more at the end. A number: so many last rows of the previous page come first. */
  | { readonly kind: 'repeatRows'; readonly rows: number | 'inPage' }
  /** The cursor is ignored: page one again, with a next cursor not seen before. */
  | { readonly kind: 'restartAtTop' }
  /** No rows, and the list ends here. */
  | { readonly kind: 'emptyList' }
  /**
   * From a replica that lags: states, runs and monitors as they were so long ago. A page lacks what came since, a get
   * answers 404 for it. What was deleted since does not come back.
   */
  | { readonly kind: 'lag'; readonly byMs: number }
  /** Pages leave these runs out and gets answer 404 for them; `lastRun` still shows them. */
  | { readonly kind: 'hideRuns'; readonly runIds: readonly string[] };

export type Fault = AnswerFault | ContentFault;

export type Api = 'websets' | 'search';

/** `events` and `team` are of the Websets API, `trigger` of the Search API; the others exist in both. */
export type Endpoint = 'monitors' | 'monitor' | 'runs' | 'run' | 'events' | 'team' | 'trigger';

/** What a fault hook decides on. */
export interface FaultRequest {
  readonly api: Api;
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

const contentFaults: ReadonlySet<string> = new Set<ContentFault['kind']>([
  'fewerRows',
  'hasMoreWithoutCursor',
  'repeatedCursor',
  'repeatRows',
  'restartAtTop',
  'emptyList',
  'lag',
  'hideRuns',
]);

export function isContentFault(fault: Fault): fault is ContentFault {
  return contentFaults.has(fault.kind);
}
