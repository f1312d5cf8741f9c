/** The records of Exa's Websets API as they travel, after its published OpenAPI description. */
import type { JsonObject, JsonValue } from '../state/json-record.ts';

export type FinalStatus = 'completed' | 'failed' | 'canceled';
export type RunStatus = 'created' | 'running' | FinalStatus;
export type RunType = 'search' | 'refresh';
export type MonitorStatus = 'enabled' | 'disabled';

// Type aliases, not interfaces: only those are assignable to `JsonObject`.
export type ServedRun = {
  readonly id: string;
  readonly object: 'monitor_run';
  readonly status: RunStatus;
  readonly monitorId: string;
  readonly type: RunType;
  readonly completedAt: string | null;
  readonly failedAt: string | null;
  readonly failedReason: string | null;
  readonly canceledAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
};

export type Cadence = { readonly cron: string; readonly timezone: string };

export type Behavior = {
  readonly type: 'search';
  readonly config: {
    readonly query?: string;
    readonly criteria?: readonly { readonly description: string }[];
    readonly entity?: JsonObject;
    readonly count: number;
    readonly behavior?: 'override' | 'append';
  };
};

export type ServedMonitor = {
  readonly id: string;
  readonly object: 'monitor';
  readonly status: MonitorStatus;
  readonly websetId: string;
  readonly cadence: Cadence;
  readonly behavior: Behavior;
  readonly lastRun: JsonValue;
  readonly nextRunAt: string | null;
  readonly metadata: { readonly [key: string]: string };
  readonly createdAt: string;
  readonly updatedAt: string;
};
