/** What is asked of the API; the label of metrics. */
export type Endpoint = 'list_monitors' | 'get_monitor' | 'list_runs' | 'get_run' | 'get_team';

/** Why an attempt is worth another one. */
export type RetryReason =
  | 'network'
  | 'timeout'
  | 'unreadable_body'
  | 'http_403'
  | 'http_408'
  | 'http_425'
  | 'http_429'
  | 'http_5xx';

/** What happens behind the source: for metrics, progress and logs. Observers must not throw. */
export type RequestEvent =
  | {
      readonly type: 'request';
      readonly endpoint: Endpoint;
      /** `error`: no answer came. */
      readonly statusClass: '2xx' | '3xx' | '4xx' | '5xx' | 'error';
      readonly status: number | null;
      readonly durationMs: number;
      /** The answer's `Date` header: the server's clock, to the second. */
      readonly serverDate: string | null;
    }
  | {
      readonly type: 'retry';
      readonly endpoint: Endpoint;
      readonly reason: RetryReason;
      readonly delayMs: number;
    }
  | { readonly type: 'wait'; readonly ms: number; readonly why: 'rate' | 'pause' };

/** The same, and behind which source. */
export type SourceRequestEvent = RequestEvent & {
  readonly account: string;
  readonly api: 'websets' | 'search';
};
