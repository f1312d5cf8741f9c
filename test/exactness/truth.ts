/** Compares a whole warehouse with what the API serves, every field of it. */
import type { Sql } from 'postgres';
import { expect } from 'vitest';
import type { SimulatedAccount } from '../../src/simulator/account/account.ts';
import type { SearchAccount } from '../../src/simulator/search/search-account.ts';
import type { WebsetsAccount } from '../../src/simulator/websets/websets-account.ts';
import type { Run } from '../../src/sync/model.ts';
import type { JsonValue } from '../../src/simulator/state/json-record.ts';

export interface Differences {
  /** The API has it, the warehouse does not. */
  readonly lost: string[];
  readonly doubled: string[];
  /** A field differs; says which. */
  readonly stale: string[];
  /** Marked absent although the API has it. */
  readonly falselyAbsent: string[];
  /** The API no longer has it, and the warehouse does not say so. */
  readonly unmarked: string[];
}

export const noDifferences: Differences = {
  lost: [],
  doubled: [],
  stale: [],
  falselyAbsent: [],
  unmarked: [],
};

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

interface TruthOptions {
  /** Ids of runs that cannot become rows; they have to be in `rejected_runs` instead. */
  readonly rejected?: ReadonlySet<string>;
}

export async function expectTruth(
  sql: Sql,
  account: SimulatedAccount,
  options: TruthOptions = {},
): Promise<void> {
  expect(await compareWithTruth(sql, account, options)).toEqual(noDifferences);
}

export async function compareWithTruth(
  sql: Sql,
  account: SimulatedAccount,
  options: TruthOptions = {},
): Promise<Differences> {
  return compareSource(sql, null, servedByWebsets(account), options);
}

/** `sourceId` null: the warehouse has one source only. */
export async function compareSource(
  sql: Sql,
  sourceId: number | null,
  { monitorIds, monitors, runs }: Served,
  { rejected = new Set() }: TruthOptions = {},
): Promise<Differences> {
  const accepted = runs.filter(({ id }) => !rejected.has(id));
  const keptRejected = await sql<{ id: string }[]>`select run_key as id from rejected_runs`;
  const kept = new Set(keptRejected.map(({ id }) => id));
  return join([
    compareRows('run', await loadRunRows(sql, sourceId), accepted, new Set(monitorIds)),
    compareRows('monitor', await loadMonitorRows(sql, sourceId), monitors, null),
    {
      ...noDifferences,
      lost: runs
        .filter(({ id }) => rejected.has(id) && !kept.has(id))
        .map(({ id }) => `run ${id} is not among the rejected`),
      doubled: await loadBrokenStatusChains(sql),
    },
  ]);
}

/** `monitorsListed`: of other monitors the runs are history and stay as they are. */
export function compareRows(
  what: string,
  stored: readonly Row[],
  served: readonly Row[],
  monitorsListed: ReadonlySet<string> | null,
): Differences {
  const differences = join([]);
  const byId = new Map<string, Row>();
  for (const row of stored) {
    if (byId.has(row.id)) differences.doubled.push(`${what} ${row.id}`);
    byId.set(row.id, row);
  }
  for (const expected of served) {
    const row = byId.get(expected.id);
    byId.delete(expected.id);
    if (row === undefined) differences.lost.push(`${what} ${expected.id} (${String(expected['createdAt'])})`);
    else if (row.absent) differences.falselyAbsent.push(`${what} ${row.id}`);
    else differences.stale.push(...fieldDifferences(what, row, expected));
  }
  for (const row of byId.values()) {
    const isHistory = monitorsListed !== null && !monitorsListed.has(String(row['monitorId']));
    if (!row.absent && !isHistory) differences.unmarked.push(`${what} ${row.id}`);
  }
  return differences;
}

function fieldDifferences(what: string, row: Row, expected: Row): string[] {
  return Object.keys(expected).flatMap((field) => {
    const [has, should] = [JSON.stringify(row[field]), JSON.stringify(expected[field])];
    return has === should ? [] : [`${what} ${row.id}: ${field} is ${has}, not ${should}`];
  });
}

export function join(parts: readonly Differences[]): Differences {
  return {
    lost: parts.flatMap(({ lost }) => lost),
    doubled: parts.flatMap(({ doubled }) => doubled),
    stale: parts.flatMap(({ stale }) => stale),
    falselyAbsent: parts.flatMap(({ falselyAbsent }) => falselyAbsent),
    unmarked: parts.flatMap(({ unmarked }) => unmarked),
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
function outputRow(status: unknown, output: unknown): unknown {
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

export async function loadRunRows(sql: Sql, sourceId: number | null = null): Promise<Row[]> {
  const rows = await sql<Row[]>`
    select id, monitor_id as "monitorId", status, type, extract(epoch from created_at)::float8 as "createdAt",
      extract(epoch from updated_at)::float8 as "updatedAt", extract(epoch from completed_at)::float8 as "completedAt",
      extract(epoch from failed_at)::float8 as "failedAt", failed_reason as "failedReason",
      extract(epoch from canceled_at)::float8 as "canceledAt", extra,
      extract(epoch from finished_at)::float8 as "finishedAt", duration_seconds as "durationSeconds",
      extract(epoch from started_at)::float8 as "startedAt",
      (select json_build_object('content', content, 'grounding', grounding, 'results',
          (select coalesce(json_agg(url order by position), '[]') from monitor_run_results where run_id = output.run_id))
        from monitor_run_outputs output where output.run_id = monitor_runs.id) as output,
      absent_since is not null as absent
    from monitor_runs where source_id = coalesce(${sourceId}, source_id)`;
  return rows.map((row) => ({
    ...row,
    extra: sorted(row['extra']),
    output: outputRow(row['status'], row['output']),
  }));
}

async function loadMonitorRows(sql: Sql, sourceId: number | null): Promise<Row[]> {
  const rows = await sql<Row[]>`
    select id, webset_id as "websetId", status, cadence_cron as "cadenceCron", cadence_timezone as "cadenceTimezone",
      behavior, metadata, extract(epoch from next_run_at)::float8 as "nextRunAt",
      extract(epoch from created_at)::float8 as "createdAt", extract(epoch from updated_at)::float8 as "updatedAt",
      absent_since is not null as absent
    from monitors where source_id = coalesce(${sourceId}, source_id)`;
  return rows.map((row) => ({
    ...row,
    behavior: sorted(row['behavior']),
    metadata: sorted(row['metadata']),
  }));
}

/** Each change of a run's status goes on where the one before it ended, and the last one at the run's status. */
async function loadBrokenStatusChains(sql: Sql): Promise<string[]> {
  const rows = await sql<{ run_id: string }[]>`
    select run_id from (
      select change.run_id, change.from_status, change.to_status, run.status,
        lag(change.to_status) over w as before, lead(change.answer) over w as next
      from monitor_run_status_changes change join monitor_runs run on run.id = change.run_id
      window w as (partition by change.run_id order by change.answer)
    ) changes
    where (before is not null and before is distinct from from_status)
      or from_status = to_status or (next is null and to_status <> status)`;
  return rows.map(({ run_id }) => `status changes of run ${run_id}`);
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
