/** Compares a whole warehouse with what the API serves, every field of it. */
import type { Sql } from 'postgres';
import { expect } from 'vitest';
import type { SimulatedAccount } from '../../src/simulator/account/account.ts';
import { outputRow, servedByWebsets, sorted, type Row, type Served } from './served-rows.ts';

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
