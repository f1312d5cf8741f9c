/** What the API serves, as rows that have to stand in the warehouse. */
import type { SearchAccount } from '../../src/simulator/search/search-account.ts';
import type { WebsetsAccount } from '../../src/simulator/websets/websets-account.ts';
import type { Run } from '../../src/sync/model.ts';
import type { JsonValue } from '../../src/simulator/state/json-record.ts';

/** A row of the warehouse, in the words of the API. */
export type Row = Record<string, unknown> & { readonly id: string; readonly absent: boolean };

/** What one source serves, as rows of the warehouse. */
export interface Served {
  readonly monitorIds: readonly string[];
  readonly monitors: readonly Row[];
  readonly runs: readonly Row[];
}

export function servedByWebsets(account: WebsetsAccount): Served {
  const monitorIds = account.monitorIds();
  return {
    monitorIds,
    monitors: account.monitors().map(monitorRow),
    runs: monitorIds.flatMap((id) => account.servedRuns(id).map(runRow)),
  };
}

export function servedBySearch(account: SearchAccount): Served {
  const monitorIds = account.monitorIds();
  return {
    monitorIds,
    monitors: account.monitors().map(searchMonitorRow),
    runs: monitorIds.flatMap((id) => account.servedRuns(id).map(searchRunRow)),
  };
}

const runFields = new Set([
  'id',
  'object',
  'status',
  'monitorId',
  'type',
  'completedAt',
  'failedAt',
  'failedReason',
  'canceledAt',
  'createdAt',
  'updatedAt',
]);

/** A run as it has to stand in the warehouse. */
function runRow(served: JsonValue): Row {
  const run = toObject(storable(served));
  const [createdAt, updatedAt, completedAt, failedAt, canceledAt] = [
    'createdAt',
    'updatedAt',
    'completedAt',
    'failedAt',
    'canceledAt',
  ].map((field) => epochSeconds(run[field]));
  const finishedAt = completedAt ?? failedAt ?? canceledAt ?? null;
  const extra = Object.entries(run).filter(([field]) => !runFields.has(field));
  return {
    id: textOf(run['id']),
    monitorId: run['monitorId'],
    status: run['status'],
    type: run['type'],
    createdAt,
    updatedAt,
    completedAt,
    failedAt,
    failedReason: run['failedReason'] ?? null,
    canceledAt,
    extra: extra.length === 0 ? null : sorted(Object.fromEntries(extra)),
    finishedAt,
    durationSeconds: durationSeconds(createdAt, finishedAt),
    startedAt: null,
    output: null,
    absent: false,
  };
}

function durationSeconds(createdAt: number | null | undefined, finishedAt: number | null): number | null {
  return finishedAt === null ? null : (finishedAt * 1000 - Number(createdAt) * 1000) / 1000;
}

/** A run as the engine reads it, as it has to stand in the warehouse. `output`: what is known of it from before. */
export function rowOfRun(run: Run, output: unknown): Row {
  const finishedAt = epochSeconds(run.completedAt ?? run.failedAt ?? run.canceledAt);
  const createdAt = epochSeconds(run.createdAt);
  const found = run.output;
  return {
    id: run.id,
    monitorId: run.monitorId,
    status: run.status,
    type: run.type,
    createdAt,
    updatedAt: epochSeconds(run.updatedAt),
    completedAt: epochSeconds(run.completedAt),
    failedAt: epochSeconds(run.failedAt),
    failedReason: run.failedReason,
    canceledAt: epochSeconds(run.canceledAt),
    extra: sorted(run.extra),
    finishedAt,
    durationSeconds: durationSeconds(createdAt, finishedAt),
    startedAt: epochSeconds(run.startedAt),
    output: outputRow(
      run.status,
      found === null ? output : { ...found, results: found.results.map(({ url }) => url) },
    ),
    absent: false,
  };
}

/** What a completed run found; nothing at all counts as null. */
export function outputRow(status: unknown, output: unknown): unknown {
  const { content = null, grounding = null, results = [] }: Record<string, unknown> = Object(output ?? {});
  const isNothing = content === null && grounding === null && JSON.stringify(results) === '[]';
  return status !== 'completed' || isNothing ? null : sorted({ content, grounding, results });
}

const searchStatuses: Readonly<Record<string, string>> = { pending: 'created', cancelled: 'canceled' };

const searchRunFields = new Set([
  'id',
  'monitorId',
  'status',
  'output',
  'failReason',
  'startedAt',
  'completedAt',
  'failedAt',
  'cancelledAt',
  'createdAt',
  'updatedAt',
]);

/** A run of a Search Monitor as it has to stand in the warehouse. */
function searchRunRow(served: JsonValue): Row {
  const run = toObject(served);
  const word = textOf(run['status']);
  const status = searchStatuses[word] ?? word;
  const [createdAt, completedAt, failedAt, canceledAt] = [
    'createdAt',
    'completedAt',
    'failedAt',
    'cancelledAt',
  ].map((field) => epochSeconds(run[field]));
  const finishedAt = completedAt ?? failedAt ?? canceledAt ?? null;
  const { content = null, grounding = null, results = null } = toObject(run['output'] ?? null);
  const urls = Array.isArray(results) ? results.map((result) => toObject(result)['url'] ?? null) : [];
  return {
    id: textOf(run['id']),
    monitorId: run['monitorId'],
    status,
    type: null,
    createdAt,
    updatedAt: epochSeconds(run['updatedAt']),
    completedAt,
    failedAt,
    failedReason: run['failReason'] ?? null,
    canceledAt,
    extra: sorted(Object.fromEntries(Object.entries(run).filter(([field]) => !searchRunFields.has(field)))),
    finishedAt,
    durationSeconds: durationSeconds(createdAt, finishedAt),
    startedAt: epochSeconds(run['startedAt']),
    output: outputRow(status, { content, grounding, results: urls }),
    absent: false,
  };
}

function searchMonitorRow(served: JsonValue): Row {
  const monitor = toObject(served);
  return {
    id: textOf(monitor['id']),
    status: monitor['status'],
    behavior: sorted(monitor['search']),
    nextRunAt: epochSeconds(monitor['nextRunAt']),
    createdAt: epochSeconds(monitor['createdAt']),
    updatedAt: epochSeconds(monitor['updatedAt']),
    absent: false,
  };
}

function monitorRow(served: JsonValue): Row {
  const monitor = toObject(served);
  const cadence = toObject(monitor['cadence'] ?? null);
  return {
    id: textOf(monitor['id']),
    websetId: monitor['websetId'],
    status: monitor['status'],
    cadenceCron: cadence['cron'],
    cadenceTimezone: cadence['timezone'],
    behavior: sorted(monitor['behavior']),
    metadata: sorted(monitor['metadata']),
    nextRunAt: epochSeconds(monitor['nextRunAt']),
    createdAt: epochSeconds(monitor['createdAt']),
    updatedAt: epochSeconds(monitor['updatedAt']),
    absent: false,
  };
}

export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Postgres takes neither NUL nor lone surrogates. */
function withoutRefused(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').replaceAll(/\p{Cs}/gu, '\ufffd');
}

export function storable(value: JsonValue): JsonValue {
  if (typeof value === 'string') return withoutRefused(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [withoutRefused(key), storable(item)]),
  );
}

export function toObject(value: JsonValue): Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function epochSeconds(instant: unknown): number | null {
  return typeof instant === 'string' ? Date.parse(instant) / 1000 : null;
}

/** With keys in one order, for comparison as text. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]): [string, unknown] => [key, sorted(item)])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
