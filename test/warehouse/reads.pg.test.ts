import { onTestFinished, expect, test } from 'vitest';
import { openDatabase, type Database } from '../../src/warehouse/connection/database.ts';
import { loadPreviousCycleAt } from '../../src/warehouse/cycle/cycle-record.ts';
import { loadCycleHistory } from '../../src/warehouse/reads/load-cycle-history.ts';
import { loadNewFailureStreaks } from '../../src/warehouse/reads/load-failure-streaks.ts';
import { loadHealth } from '../../src/warehouse/reads/load-health.ts';
import { loadOpenRuns } from '../../src/warehouse/reads/load-open-runs.ts';
import { pruneRecords } from '../../src/warehouse/upkeep/prune.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

async function arrange(): Promise<{ database: Database; sql: TestDatabase['sql'] }> {
  const { url, sql } = await createTestDatabase();
  const database = openDatabase({ url, schema: null, maxConnections: 2 });
  onTestFinished(() => database.close());
  return { database, sql };
}

type Status = 'running' | 'succeeded' | 'partial' | 'failed' | 'interrupted';

/** Cycles an hour apart on 2026-03-10, the first at 00:00. */
async function addCycles(
  sql: TestDatabase['sql'],
  statuses: readonly Status[],
  trigger: 'manual' | 'schedule' = 'schedule',
): Promise<void> {
  for (const [hour, status] of statuses.entries()) {
    const startedAt = new Date(Date.UTC(2026, 2, 10, hour)).toISOString();
    const finishedAt = status === 'running' ? null : new Date(Date.UTC(2026, 2, 10, hour, 1)).toISOString();
    await sql`
      insert into sync_cycles (started_at, finished_at, status, trigger, host, pid, error)
      values (${startedAt}, ${finishedAt}, ${status}, ${trigger}, 'box', 1, ${status === 'failed' ? 'no key' : null})`;
  }
}

interface RunRow {
  readonly id: string;
  readonly status?: string;
  /** The cycle that brought it. */
  readonly cycle?: number;
  readonly day: number;
  readonly absent?: boolean;
}

/** Runs of one monitor, by the day of March 2026 that they were created on. */
async function addRuns(sql: TestDatabase['sql'], monitorId: string, runs: readonly RunRow[]): Promise<void> {
  await sql`
    insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, created_at, updated_at)
    values (${monitorId}, 'w', 'enabled', '0 6 * * *', 'Etc/UTC', '{}', '{}', now(), now())`;
  for (const { id, status = 'failed', cycle = 1, day, absent = false } of runs) {
    const at = new Date(Date.UTC(2026, 2, day)).toISOString();
    await sql`
      insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, failed_reason, absent_since, answer)
      values (${id}, ${monitorId}, ${status}, 'search', ${at}, ${at}, ${`reason of ${id}`},
              ${absent ? at : null}, ${(BigInt(cycle) * 4294967296n + 7n).toString()})`;
  }
}

test('without cycles there is no history', async () => {
  const { database } = await arrange();

  expect(await loadCycleHistory(database, 'schedule')).toEqual({
    lastCompleteAt: null,
    failedInARow: 0,
    lastFailedAt: null,
    lastClosedCycleId: 0,
  });
  expect(await loadHealth(database)).toEqual({
    lastSuccessAt: null,
    lastReadAt: null,
    lastCycle: null,
    sources: [{ account: 'default', api: 'websets', lastReadAt: null, isUnavailable: false }],
    openRuns: 0,
  });
});

test('the history counts the failures since the last scheduled cycle that worked', async () => {
  const { database, sql } = await arrange();
  await addCycles(sql, ['succeeded', 'failed', 'partial', 'failed', 'interrupted', 'failed', 'interrupted']);
  await addCycles(sql, ['failed'], 'manual');

  expect(await loadCycleHistory(database, 'schedule')).toEqual({
    lastCompleteAt: '2026-03-10T02:00:00Z',
    failedInARow: 2,
    lastFailedAt: '2026-03-10T05:01:00Z',
    lastClosedCycleId: 6,
  });
});

test('health tells the last success, how the last cycle ended, and how many runs are open', async () => {
  const { database, sql } = await arrange();
  await addCycles(sql, ['succeeded', 'failed', 'running']);
  await addRuns(sql, 'm', [
    { id: 'a', day: 1, status: 'completed' },
    { id: 'b', day: 2, status: 'running' },
    { id: 'c', day: 3, status: 'created', absent: true },
    { id: 'd', day: 4, status: 'paused' },
  ]);

  expect(await loadHealth(database)).toEqual({
    lastSuccessAt: '2026-03-10T00:01:00Z',
    lastReadAt: '2026-03-10T00:01:00Z',
    lastCycle: { status: 'failed', error: 'no key' },
    sources: [{ account: 'default', api: 'websets', lastReadAt: null, isUnavailable: false }],
    openRuns: 2,
  });
});

test('health tells of each source when it was read whole last', async () => {
  const { database, sql } = await arrange();
  await addCycles(sql, ['succeeded', 'partial', 'partial', 'partial']);
  await addRuns(sql, 'm', []);
  await sql`update monitors set first_synced_at = '2026-03-01'`;
  await sql`insert into sync_sources (account, api, unavailable_since) values ('eu', 'search', now())`;
  await sql`
    insert into sync_cycle_sources (cycle_id, source_id, status, monitors_seen, monitors_failed)
    values (1, 1, 'succeeded', 1, 0), (2, 1, 'partial', 1, 0), (3, 1, 'partial', 1, 1), (4, 1, 'partial', 0, 0),
      (4, 2, 'failed', 0, 0)`;

  expect((await loadHealth(database)).sources).toEqual([
    { account: 'default', api: 'websets', lastReadAt: '2026-03-10T01:01:00Z', isUnavailable: false },
    { account: 'eu', api: 'search', lastReadAt: null, isUnavailable: true },
  ]);
});

test('all monitors were read by a partial cycle in which none failed, though it is no success', async () => {
  const { database, sql } = await arrange();
  await addCycles(sql, ['succeeded', 'partial', 'partial']);
  await sql`update sync_cycles set monitors_failed = 1 where id = 3`;

  expect(await loadHealth(database)).toMatchObject({
    lastSuccessAt: '2026-03-10T00:01:00Z',
    lastReadAt: '2026-03-10T01:01:00Z',
  });
});

test('a cycle that was asked for some monitors only stands for none over all of them', async () => {
  const { database, sql } = await arrange();
  await addRuns(sql, 'a', []);
  await addRuns(sql, 'b', []);
  await sql`update monitors set first_synced_at = '2026-03-01'`;
  await addCycles(sql, ['succeeded', 'succeeded'], 'manual');
  await sql`update sync_cycles set monitors_seen = case id when 1 then 2 else 1 end`;
  await sql`
    insert into sync_cycle_sources (cycle_id, source_id, status, monitors_seen)
    select id, 1, status, monitors_seen from sync_cycles`;

  expect(await loadHealth(database)).toMatchObject({
    lastSuccessAt: '2026-03-10T00:01:00Z',
    lastReadAt: '2026-03-10T00:01:00Z',
  });
  // No start is punctual because of it, no open run counts as asked for, and no older cycle becomes dispensable.
  const whole = '2026-03-10T00:00:00Z';
  expect(await loadCycleHistory(database, 'schedule')).toMatchObject({ lastCompleteAt: whole });
  expect(await database.transaction((tx) => loadPreviousCycleAt(tx, 1))).toBe(whole);
  expect(await pruneRecords(database, '2026-03-11T00:00:00Z', 90)).toMatchObject({ cycles: 1 });
  expect(await database.transaction((tx) => loadPreviousCycleAt(tx, 1))).toBe(whole);
});

test('open runs are told oldest first, old ones as stuck', async () => {
  const { database, sql } = await arrange();
  await addRuns(sql, 'm', [
    { id: 'young', day: 9, status: 'running' },
    { id: 'old', day: 2, status: 'created' },
    { id: 'ended', day: 1, status: 'completed' },
  ]);

  const wanted = { stuckBefore: '2026-03-08T00:00:00Z', limit: 10 };
  expect(await database.transaction((tx) => loadOpenRuns(tx, wanted))).toEqual([
    { monitorId: 'm', runId: 'old', status: 'created', createdAt: '2026-03-02T00:00:00Z', stuck: true },
    { monitorId: 'm', runId: 'young', status: 'running', createdAt: '2026-03-09T00:00:00Z', stuck: false },
  ]);
});

test('a streak is new when the run that completes it came after the cycle', async () => {
  const { database, sql } = await arrange();
  await addRuns(sql, 'long', [
    { id: 'l1', day: 1, status: 'completed' },
    { id: 'l2', day: 2, cycle: 1 },
    { id: 'l3', day: 3, cycle: 2 },
    { id: 'l4', day: 4, cycle: 3 },
    { id: 'l5', day: 5, cycle: 4 },
  ]);
  const streaks = (afterCycle: number) => loadNewFailureStreaks(database, { atLeast: 3, afterCycle });

  expect(await streaks(2)).toEqual([
    { monitorId: 'long', source: 'default/websets', firstRunId: 'l2', failedRuns: 4, reason: 'reason of l5' },
  ]);
  // The streak got its third run in cycle 3: what cycle 4 added makes no new one.
  expect(await streaks(3)).toEqual([]);
});

test('open, canceled and absent runs neither count nor end a streak; a completed one ends it', async () => {
  const { database, sql } = await arrange();
  await addRuns(sql, 'interrupted', [
    { id: 'i1', day: 1 },
    { id: 'i2', day: 2, status: 'canceled' },
    { id: 'i3', day: 3 },
    { id: 'i4', day: 4, status: 'completed', absent: true },
    { id: 'i5', day: 5 },
    { id: 'i6', day: 6, status: 'running' },
  ]);
  await addRuns(sql, 'short', [
    { id: 's1', day: 1 },
    { id: 's2', day: 2, status: 'completed' },
    { id: 's3', day: 3 },
    { id: 's4', day: 4 },
  ]);

  expect(await loadNewFailureStreaks(database, { atLeast: 3, afterCycle: 0 })).toEqual([
    {
      monitorId: 'interrupted',
      source: 'default/websets',
      firstRunId: 'i1',
      failedRuns: 3,
      reason: 'reason of i5',
    },
  ]);
});

test('pruning deletes old records, but never the last complete cycle, the running one, and no runs', async () => {
  const { database, sql } = await arrange();
  await addCycles(sql, ['failed', 'succeeded', 'failed', 'partial', 'failed', 'running']);
  await addRuns(sql, 'm', [{ id: 'ancient', day: 1 }]);
  await sql`
    insert into rejected_runs (monitor_id, run_key, reason, payload, first_rejected_at, rejected_at) values
      ('m', 'old', 'x', '{}', now() - interval '200 days', now() - interval '91 days'),
      ('m', 'seen again', 'x', '{}', now() - interval '200 days', now() - interval '1 day'),
      ('not read since', 'old', 'x', '{}', now() - interval '200 days', now() - interval '91 days'),
      ('never read', 'old', 'x', '{}', now() - interval '200 days', now() - interval '91 days')`;
  await sql`
    insert into sync_checkpoints (monitor_id, last_full_walk_at) values
      ('m', now() - interval '2 days'), ('not read since', now() - interval '92 days')`;

  const cutoff = '2026-03-11T00:00:00Z';
  expect(await pruneRecords(database, cutoff, 90)).toEqual({ cycles: 3, rejectedRuns: 1 });
  expect(await pruneRecords(database, cutoff, 90)).toEqual({ cycles: 0, rejectedRuns: 0 });
  expect((await sql`select id::int from sync_cycles order by id`).map(({ id }) => Number(id))).toEqual([
    2, 4, 6,
  ]);
  expect(await sql`select monitor_id, run_key from rejected_runs order by monitor_id`).toEqual([
    { monitor_id: 'm', run_key: 'seen again' },
    { monitor_id: 'never read', run_key: 'old' },
    { monitor_id: 'not read since', run_key: 'old' },
  ]);
  expect(await sql`select id from monitor_runs`).toHaveLength(1);
});

test('pruning goes on until everything old is gone', async () => {
  const { database, sql } = await arrange();
  await sql`
    insert into sync_cycles (started_at, status, trigger, host, pid)
    select '2020-01-01'::timestamptz + make_interval(mins => n), 'failed', 'schedule', 'box', 1
    from generate_series(1, 2500) n`;

  expect(await pruneRecords(database, '2026-01-01T00:00:00Z', 90)).toEqual({ cycles: 2500, rejectedRuns: 0 });
});
