import * as fc from 'fast-check';
import type { Sql } from 'postgres';
import { expect, it, onTestFinished } from 'vitest';
import { CycleGate } from '../../src/sync/cycle-gate.ts';
import { CycleTally } from '../../src/sync/cycle-tally.ts';
import { judgeDueTimes } from '../../src/sync/due/judge-due-times.ts';
import { SkipMonitorError } from '../../src/sync/errors.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { createDueTimeStore } from '../../src/warehouse/due/due-time-store.ts';
import { createTestDatabase } from '../postgres/database.ts';
import {
  dueHistory,
  graceMs,
  recomputeMissed,
  scheduleOfStanding,
  triggerOf,
  type DueHistory,
  type Look,
  type Standing,
} from './due-history.ts';

const text = (ms: number): string => new Date(ms).toISOString();

async function saveMonitor(
  sql: Sql,
  createdMs: number,
  updatedMs: number,
  standing: Standing,
): Promise<void> {
  const { cron, timezone, status, isAbsent } = standing;
  await sql`
    insert into monitors (id, status, cadence_cron, cadence_timezone, trigger, behavior, metadata, created_at, updated_at,
      absent_since)
    values ('m', ${status}, ${cron}, ${timezone}, ${sql.json(triggerOf(standing))}, '{}', '{}', ${text(createdMs)},
      ${text(updatedMs)}, ${isAbsent ? text(updatedMs) : null})
    on conflict (id) do update set status = excluded.status, cadence_cron = excluded.cadence_cron,
      cadence_timezone = excluded.cadence_timezone, trigger = excluded.trigger, updated_at = excluded.updated_at,
      absent_since = excluded.absent_since`;
}

async function saveRuns(sql: Sql, createdAtMs: readonly number[]): Promise<void> {
  await sql`insert into monitor_runs (id, monitor_id, status, created_at, updated_at, answer)
    select gen_random_uuid(), 'm', 'completed', created_at::timestamptz, now(), 1
    from unnest(${createdAtMs.map(text)}::text[]) as created_at`;
}

/** Lets cycles judge a history. @returns what they saw, and the runs that there were at the end. */
async function live(
  sql: Sql,
  judge: (atMs: number, tally: CycleTally) => Promise<void>,
  history: DueHistory,
): Promise<{ looks: readonly Look[]; runs: readonly number[]; createdMs: number }> {
  const createdMs = history.startMs - history.createdBeforeMs;
  const looks: Look[] = [];
  const runs: number[] = [];
  let [atMs, updatedMs, standing] = [history.startMs, createdMs, history.standing];
  await sql`insert into sync_checkpoints (monitor_id, last_full_walk_at) values ('m', now())`;
  // In the end everything is read once more, so that runs which appeared late are seen.
  const last = { afterMs: 0, change: null, runs: [], firings: [], read: 'walked' } as const;
  for (const { afterMs, change, runs: appearing, firings, read } of [...history.steps, last]) {
    if (change?.isTold === true) updatedMs = atMs + afterMs - Math.min(change.beforeMs, afterMs);
    atMs += afterMs;
    standing = change?.standing ?? standing;
    await saveMonitor(sql, createdMs, updatedMs, standing);
    const schedule = scheduleOfStanding(standing, createdMs);
    const fired = firings.flatMap(({ back, byMs }) => {
      const dueMs = schedule?.nextAfter(atMs - back * 86_400_000);
      return typeof dueMs === 'number' && dueMs + byMs <= atMs ? [dueMs + byMs] : [];
    });
    const created = [...fired, ...appearing.map((beforeMs) => atMs - beforeMs)];
    const isSeen = read === 'walked';
    if (isSeen) runs.push(...created);
    if (isSeen) await saveRuns(sql, created);
    await sql`update sync_checkpoints set unfinished_walk = ${read === 'unfinished' ? sql.json({ startedAt: text(atMs) }) : null}`;
    const tally = new CycleTally(() => undefined, { recordMonitorFailure: () => Promise.resolve() });
    if (read === 'walked' || read === 'unfinished') tally.walked('m', 1);
    if (read === 'skipped') tally.skipped('m');
    if (read === 'failed') await tally.failed('m', new SkipMonitorError('no answer'));
    await judge(atMs, tally);
    looks.push({ atMs, standing, updatedMs, isCovered: read === 'walked' || read === 'skipped' });
  }
  return { looks, runs, createdMs };
}

it('what is missed or late in random histories is what a plain recomputation finds', async () => {
  const { url, sql } = await createTestDatabase();
  const database = openDatabase({ url, schema: null, maxConnections: 2 });
  onTestFinished(() => database.close());
  const inTransaction: typeof database.transaction = (work) => database.transaction(work);
  const dueTimes = createDueTimeStore(1, inTransaction, inTransaction);
  const judge = (atMs: number, tally: CycleTally): Promise<void> =>
    judgeDueTimes(
      { cycle: { dueTimes }, tally, gate: new CycleGate(1, new AbortController().signal), graceMs },
      text(atMs),
    );
  await fc.assert(
    fc.asyncProperty(dueHistory, async (history) => {
      await sql`delete from monitors; delete from monitor_runs; delete from monitor_schedules; delete from missed_runs;
        delete from sync_checkpoints`.simple();
      const { looks, runs, createdMs } = await live(sql, judge, history);
      const rows = await sql<{ due: number; late: number | null }[]>`
        select (extract(epoch from due_at) * 1000)::float as due, late_by_seconds * 1000 as late
        from missed_runs order by due_at`;
      const expected = [...recomputeMissed(looks, runs, createdMs)].toSorted(([a], [b]) => a - b);
      expect(rows.map(({ due, late }) => [text(due), late])).toEqual(
        expected.map(([due, late]) => [text(due), late]),
      );
    }),
    { numRuns: 40 },
  );
}, 120_000);
