import type { Api, Endpoint, Fault, FaultRequest } from '../answers/faults.ts';

export interface LoggedRequest extends Omit<FaultRequest, 'endpoint'> {
  /** `other`: a path that the API does not have. */
  readonly endpoint: Endpoint | 'other';
  /** When it arrived, by the server's wall clock. */
  readonly atMs: number;
  /** Null while it is unanswered, and for good when the connection was reset or hung. */
  readonly status: number | null;
  readonly fault: Fault['kind'] | null;
}

/** Counts that can cross a process. */
export interface RequestCounts {
  readonly total: number;
  readonly byEndpoint: Readonly<Record<LoggedRequest['endpoint'], number>>;
  readonly byApi: Readonly<Record<Api, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  /** The most requests that were unanswered at one time. */
  readonly peakInFlight: number;
}

/** What arrived and what was answered, since the start or the last reset. */
export class RequestLog {
  readonly #keepEntries: boolean;
  #entries: LoggedRequest[] = [];
  #counts = noCounts();
  /** Arrived and not yet answered. */
  readonly #open = new Set<OpenRequest>();
  #ordinal = 0;

  constructor(keepEntries: boolean) {
    this.#keepEntries = keepEntries;
  }

  get counts(): RequestCounts {
    return structuredClone(this.#counts);
  }

  get total(): number {
    return this.#counts.total;
  }

  /** Empty unless the simulator was started with `recordRequests`. */
  get entries(): readonly LoggedRequest[] {
    return this.#entries;
  }

  /** Ordinals go on: cursors that a fault made unique stay unique. */
  reset(): void {
    this.#entries = [];
    this.#counts = { ...noCounts(), peakInFlight: this.#open.size };
  }

  arrive(request: Omit<LoggedRequest, 'ordinal' | 'status' | 'fault'>): OpenRequest {
    this.#ordinal += 1;
    this.#counts.total += 1;
    this.#counts.byEndpoint[request.endpoint] += 1;
    this.#counts.byApi[request.api] += 1;
    const entry = { ...request, ordinal: this.#ordinal, status: null, fault: null };
    this.#open.add(entry);
    this.#counts.peakInFlight = Math.max(this.#counts.peakInFlight, this.#open.size);
    if (this.#keepEntries) {
      this.#entries.push(entry);
    }
    return entry;
  }

  /** Null: the connection ended without an answer. Only the first call for a request counts. */
  answer(request: OpenRequest, status: number | null): void {
    if (!this.#open.delete(request)) {
      return;
    }
    request.status = status;
    const name = status === null ? 'none' : String(status);
    this.#counts.byStatus[name] = (this.#counts.byStatus[name] ?? 0) + 1;
  }
}

/** An entry whose answer is not known yet. */
export interface OpenRequest extends Omit<LoggedRequest, 'status' | 'fault'> {
  status: number | null;
  fault: Fault['kind'] | null;
}

function noCounts() {
  const byStatus: Record<string, number> = {};
  return {
    total: 0,
    byEndpoint: { monitors: 0, monitor: 0, runs: 0, run: 0, events: 0, team: 0, trigger: 0, other: 0 },
    byApi: { websets: 0, search: 0 },
    byStatus,
    peakInFlight: 0,
  };
}
