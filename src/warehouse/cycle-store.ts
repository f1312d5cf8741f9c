import { and, desc, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import type { OpenRun } from '../sync/model.ts';
import type { CycleStore, MonitorStates, OpenCycle, PageToSave, SavedPage, Span } from '../sync/ports.ts';
import { forgetUnfinishedWalk, loadCheckpoints, recordMonitorFailure, saveProgress } from './checkpoints.ts';
import { loadLockHolder, takeCycleLock, type CycleLock } from './cycle-lock.ts';
import {
  finishCycleRecord,
  loadPreviousCycleAt,
  requireRunning,
  startCycleRecord,
  type CycleHost,
} from './cycle-record.ts';
import type { Database, DatabaseOptions, Transaction } from './database.ts';
import { instantOf } from './instant.ts';
import {
  clearOtherRejectedRuns,
  clearRejectedRuns,
  countRejectedRuns,
  loadMonitorsWithRejectedRuns,
  saveRejectedRuns,
} from './rejected-runs.ts';
import { monitorRuns } from './schema.ts';
import { findUnlistedMonitors, markMonitorsAbsent, upsertMonitors } from './upsert-monitors.ts';
import { answerNumber, markRunsAbsent, upsertRuns } from './upsert-runs.ts';

/** The engine's store over a migrated warehouse. `options` open the connection that holds the lock. */
export function createCycleStore(database: Database, options: DatabaseOptions, host: CycleHost): CycleStore {
  return {
    loadMonitorStates: () => database.transaction(loadMonitorStates),
    openCycle: async (trigger, startedAt) => {
      const lock = await takeCycleLock(options, () => loadLockHolder(database));
      try {
        const [cycleId, rejected] = await database.transaction(
          async (tx) =>
            [
              await startCycleRecord(tx, trigger, startedAt, host),
              await loadMonitorsWithRejectedRuns(tx),
            ] as const,
        );
        return createOpenCycle(database, lock, cycleId, new Set(rejected));
      } catch (error) {
        await lock.release();
        throw error;
      }
    },
  };
}

/** `withRejected` are the monitors that may have rows in `rejected_runs`; it grows with the cycle. */
function createOpenCycle(
  database: Database,
  lock: CycleLock,
  cycleId: number,
  withRejected: Set<string>,
): OpenCycle {
  /** A write of this cycle: it fails once another process has taken the cycle over. */
  const write = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
    database.transaction(async (tx) => {
      await requireRunning(tx, cycleId);
      return work(tx);
    });
  return {
    id: cycleId,
    lockLost: lock.lost,
    saveMonitors: (monitors) => write((tx) => upsertMonitors(tx, monitors)),
    findUnlistedMonitors: (listed) => database.transaction((tx) => findUnlistedMonitors(tx, listed)),
    markMonitorsAbsent: (monitorIds) => write((tx) => markMonitorsAbsent(tx, monitorIds)),
    savePage: (page) => {
      if (page.rejected.length > 0) withRejected.add(page.monitorId);
      return write((tx) => savePage(tx, cycleId, page, withRejected.has(page.monitorId)));
    },
    saveRun: (run, answer) =>
      write(async (tx) => {
        if (withRejected.has(run.monitorId)) await clearRejectedRuns(tx, run.monitorId, [run.id]);
        return upsertRuns(tx, [run], answerNumber(cycleId, answer));
      }),
    saveRejectedRun: (rejected) => {
      withRejected.add(rejected.monitorId);
      return write((tx) => saveRejectedRuns(tx, [rejected]));
    },
    markRunsAbsent: (_monitorId, runIds) => write((tx) => markRunsAbsent(tx, runIds)),
    forgetUnfinishedWalk: (monitorId) => write((tx) => forgetUnfinishedWalk(tx, monitorId)),
    recordMonitorFailure: (monitorId, reason) => write((tx) => recordMonitorFailure(tx, monitorId, reason)),
    countRejectedRuns: () => database.transaction(countRejectedRuns),
    close: async (outcome, finishedAt) => {
      try {
        await database.transaction((tx) => finishCycleRecord(tx, cycleId, outcome, finishedAt));
      } finally {
        await lock.release();
      }
    },
  };
}

async function savePage(
  tx: Transaction,
  cycleId: number,
  page: PageToSave,
  mayHaveRejected: boolean,
): Promise<SavedPage> {
  const counts = await upsertRuns(tx, page.runs, answerNumber(cycleId, page.answer));
  if (mayHaveRejected) {
    await clearRejectedRuns(
      tx,
      page.monitorId,
      page.runs.map(({ id }) => id),
    );
    await saveRejectedRuns(tx, page.rejected);
    if (page.onlyRejected !== null) await clearOtherRejectedRuns(tx, page.monitorId, page.onlyRejected);
  }
  const missing = page.missingBetween === null ? [] : await findMissing(tx, page, page.missingBetween);
  await saveProgress(tx, page.monitorId, page.progress);
  return { ...counts, missing };
}

/** Stored runs inside the page's span of creation times that it does not show, newest first. */
async function findMissing(tx: Transaction, page: PageToSave, span: Span): Promise<readonly string[]> {
  const shown = new Set([...page.runs.map(({ id }) => id), ...page.rejected.map(({ key }) => key)]);
  const stored = await tx
    .select({ id: monitorRuns.id })
    .from(monitorRuns)
    .where(
      and(
        eq(monitorRuns.monitorId, page.monitorId),
        span.oldest === null ? undefined : gt(monitorRuns.createdAt, span.oldest),
        span.newest === null ? undefined : lt(monitorRuns.createdAt, span.newest),
        isNull(monitorRuns.absentSince),
      ),
    )
    .orderBy(desc(monitorRuns.createdAt));
  return stored.map(({ id }) => id).filter((id) => !shown.has(id));
}

async function loadMonitorStates(tx: Transaction): Promise<MonitorStates> {
  return {
    checkpoints: await loadCheckpoints(tx),
    openRuns: await loadOpenRuns(tx),
    monitorsWithRejectedRuns: await loadMonitorsWithRejectedRuns(tx),
    previousCycleAt: await loadPreviousCycleAt(tx),
  };
}

async function loadOpenRuns(tx: Transaction): Promise<ReadonlyMap<string, readonly OpenRun[]>> {
  const rows = await tx
    .select({ id: monitorRuns.id, monitorId: monitorRuns.monitorId, createdAt: monitorRuns.createdAt })
    .from(monitorRuns)
    // Literals, as the partial index spells them: a parameter would hide the index from the planner.
    .where(sql`status not in ('completed', 'failed', 'canceled') and absent_since is null`);
  const byMonitor = new Map<string, OpenRun[]>();
  for (const row of rows) {
    const run = { ...row, createdAt: instantOf(row.createdAt) };
    const others = byMonitor.get(run.monitorId);
    if (others === undefined) byMonitor.set(run.monitorId, [run]);
    else others.push(run);
  }
  return byMonitor;
}
