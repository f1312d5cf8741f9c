/** The records of Exa's Search Monitors API as they travel, after its published OpenAPI description. */
import type { JsonObject, JsonValue } from '../state/json-record.ts';

export type SearchFinalStatus = 'completed' | 'failed' | 'cancelled';
export type SearchRunStatus = 'pending' | 'running' | SearchFinalStatus;
export type SearchMonitorStatus = 'active' | 'paused' | 'disabled';

// Type aliases, not interfaces: only those are assignable to `JsonObject`.
export type Grounding = {
  readonly field: string;
  readonly citations: readonly { readonly url: string; readonly title: string }[];
  readonly confidence: 'low' | 'medium' | 'high';
};

export type SearchOutput = {
  /** Free objects. */
  readonly results?: readonly JsonObject[] | null;
  readonly content?: JsonValue;
  readonly grounding?: readonly Grounding[] | null;
};

export type ServedSearchRun = {
  readonly id: string;
  readonly monitorId: string;
  readonly status: SearchRunStatus;
  readonly output: SearchOutput | null;
  /** An open list: values come that no list names. */
  readonly failReason: string | null;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly failedAt: string | null;
  readonly cancelledAt: string | null;
  readonly durationMs: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
};

export type Search = {
  readonly query: string;
  readonly numResults?: number;
  readonly includeDomains?: readonly string[];
  readonly excludeDomains?: readonly string[];
  readonly contents?: JsonObject;
};

/** `period`: one unit, `6h` or `7d`, at least an hour. */
export type Trigger = { readonly type: 'interval'; readonly period: string };

export type Webhook = { readonly url: string; readonly events?: readonly string[] };

export type ServedSearchMonitor = {
  readonly id: string;
  readonly name: string | null;
  readonly status: SearchMonitorStatus;
  readonly search: Search;
  readonly trigger: Trigger | null;
  readonly outputSchema: JsonObject | null;
  readonly metadata: { readonly [key: string]: string } | null;
  readonly webhook: Webhook;
  readonly nextRunAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
};
