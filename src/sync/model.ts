/**
 * The words of the engine: what it reads from Exa and what it remembers between cycles.
 *
 * Instants are RFC 3339 strings exactly as the API sent them (microseconds included, which a `Date` would
 * lose); compare them through `instantMs`. Every string is free of NUL and lone surrogates.
 */
import type { ExactNumber } from './exact-number.ts';

/** A JSON object that Postgres accepts as `jsonb`. */
export type JsonObject = { readonly [key: string]: JsonValue };
export type JsonValue = string | number | boolean | null | ExactNumber | JsonObject | readonly JsonValue[];

/**
 * One execution of a monitor, in one vocabulary for all sources. `status` and `type` are open sets: a new value of Exa's
 * is data, not an error.
 */
export interface Run {
  readonly id: string;
  readonly monitorId: string;
  readonly status: string;
  /** Null where the API knows no types. */
  readonly type: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Null before the run starts, and where the API does not tell. */
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly failedAt: string | null;
  readonly failedReason: string | null;
  readonly canceledAt: string | null;
  /** The fields that the API sends and this record has no place for; null when there are none. */
  readonly extra: JsonObject | null;
  /** What the run found; null while there is nothing, or where runs carry none. */
  readonly output: RunOutput | null;
}

/** What a run found. */
export interface RunOutput {
  /** A text, or an object of the monitor's output schema. */
  readonly content: JsonValue;
  readonly grounding: JsonValue;
  readonly results: readonly RunResult[];
}

/** A page that a run found; null what the API leaves out. */
export interface RunResult {
  readonly url: string | null;
  readonly title: string | null;
  /** As the API writes it: no format is promised. */
  readonly published: string | null;
  readonly author: string | null;
  /** The page's text, which may be long. */
  readonly text: string | null;
  readonly extra: JsonObject | null;
}

/** What identifies one state of a run: enough to see whether the newest run of a monitor has moved. */
export interface RunState {
  readonly id: string;
  readonly status: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Something that runs by a schedule or by hand, as the listing shows it. */
export interface Monitor {
  readonly id: string;
  /** Null for monitors that belong to no webset; so are `cadenceCron` and `cadenceTimezone` without such a schedule. */
  readonly websetId: string | null;
  readonly status: string;
  readonly cadenceCron: string | null;
  readonly cadenceTimezone: string | null;
  /** What a run does: the behavior of a Websets monitor, the search of a Search Monitor. */
  readonly behavior: JsonObject;
  readonly metadata: JsonObject;
  readonly name: string | null;
  /** The schedule of a Search Monitor as it came; null: by hand only, or a cadence. */
  readonly trigger: JsonObject | null;
  readonly outputSchema: JsonObject | null;
  /** The API's word on the newest run: it may lag, be null although runs exist, or be wrong. Evidence, never data. */
  readonly lastRun: RunState | null;
  readonly nextRunAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly extra: JsonObject | null;
}

/**
 * What the engine remembers of a monitor for the rest of the cycle. The content of ten thousand, which only the store
 * needs, would take more memory than all else.
 */
export type ListedMonitor = Pick<Monitor, 'id' | 'status' | 'lastRun' | 'nextRunAt' | 'createdAt'>;

/** A run that could not become a row; kept with its payload and the reason, so that nothing is dropped in silence. */
export interface RejectedRun {
  /** The run's id, or a digest of the payload when it has no usable id. */
  readonly key: string;
  readonly monitorId: string;
  readonly payload: JsonValue;
  readonly reason: string;
}

/** `full`: to the end of the list. `incremental`: down to covered ground. `since`: down to a date that a person named. */
export type WalkKind = 'full' | 'incremental' | 'since';

/** Where a walk that has committed at least one page goes on after a stop or a crash. */
export interface UnfinishedWalk {
  readonly kind: WalkKind;
  /** The opaque cursor of the next page to read. */
  readonly cursor: string;
  /** The newest `createdAt` of the first page: what `syncedThrough` becomes when the walk ends. Null: that page was empty. */
  readonly mark: string | null;
  /** The walk may stop at a page whose last run was created at or before this instant; null: only at the end of the list. */
  readonly stopAt: string | null;
  /** Whether creation times have descended on every page so far. Once false, only the end of the list stops the walk. */
  readonly descending: boolean;
  /** The oldest `createdAt` read so far: the next page must not start above it. */
  readonly oldestCreatedAt: string | null;
  /** The runs read so far that were created at that very instant; null: too many to be kept. */
  readonly edgeIds: readonly string[] | null;
  /** The newest run read so far, as the checkpoint's `newestRun` will remember it. */
  readonly newestRun: RunState | null;
  readonly pages: number;
  /** The page size that the cursor was made with, which a page number is worth nothing without; null: not known. */
  readonly pageSize: number | null;
  readonly startedAt: string;
}

/** What is known to be covered for one monitor, and where an unfinished walk goes on. */
export interface Checkpoint {
  readonly monitorId: string;
  /** Every run created at or before this instant is stored; null: no walk has reached the end of the list yet. */
  readonly syncedThrough: string | null;
  readonly unfinishedWalk: UnfinishedWalk | null;
  /** When the last finished full walk began. */
  readonly lastFullWalkAt: string | null;
  /** The newest run that the last finished walk saw; null with `lastFullWalkAt` set: it found no runs at all. */
  readonly newestRun: RunState | null;
  /** The monitor's `nextRunAt` in the listing before the last finished walk, or the one before it while its run is awaited. */
  readonly nextRunAt: string | null;
  /** When the last walk ended; null: none has. */
  readonly lastWalkAt: string | null;
  /** The list was seen not to descend: from then on it is read whole. */
  readonly rose: boolean;
  /** An answer contradicted the list: the next cycle reads it, whatever the listing shows. */
  readonly lookAgain: boolean;
  /** Open runs that the API answered 404 for when it was asked last. The second 404 marks a run absent. */
  readonly notFoundOnce: readonly string[];
  /** Cycles in a row that failed to read this monitor. */
  readonly consecutiveFailures: number;
}

/** A stored run that is not known to be final. */
export interface OpenRun {
  readonly id: string;
  readonly monitorId: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Whether it says when it ended: its status is a word for an end that nobody here knows. */
  readonly hasEnded: boolean;
  /** Since when the API is thought not to have it; null: it has it. */
  readonly absentSince: string | null;
}

/** The statuses in which a run changes no more. */
export const finalStatuses = ['completed', 'failed', 'canceled'] as const;

/** Whether a run can still change. An unknown status counts as open: asking again is safe, forgetting is not. */
export function isFinal(status: string): boolean {
  return (finalStatuses as readonly string[]).includes(status);
}

/** Milliseconds since the epoch; orders instants of different precision and offset. */
export function instantMs(instant: string): number {
  return Date.parse(instant);
}

/** The instant in RFC 3339, in UTC. */
export function instantOf(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * Below, at or above zero as `a` is before, at or after `b`, at their full precision. What the API sends is in UTC and of
 * one precision: such instants are ordered as texts are, and a walk compares each run's several times.
 */
export function compareInstants(a: string, b: string): number {
  const alike = a.length === b.length && a.endsWith('Z') && b.endsWith('Z');
  if (alike) return compareTexts(a, b);
  return instantMs(a) - instantMs(b) || compareTexts(belowMillisecond(a), belowMillisecond(b));
}

/** The digits of the fraction that a `Date` loses, without zeros at the end. */
function belowMillisecond(instant: string): string {
  return (/\.\d{3}(\d+)/.exec(instant)?.[1] ?? '').replace(/0+$/, '');
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function earliest(a: string, b: string): string {
  return compareInstants(b, a) < 0 ? b : a;
}

export function latest(a: string, b: string): string {
  return compareInstants(b, a) > 0 ? b : a;
}
