import type { CycleOutcome, CycleStore, MonitorStates, OpenCycle } from '../../sync/ports.ts';
import { forgetUnfinishedWalk, recordMonitorFailure } from './checkpoints.ts';
import { loadLockHolder, takeCycleLock, type CycleLock } from './cycle-lock.ts';
import { finishCycleRecord, requireRunning, startCycleRecord, type CycleHost } from './cycle-record.ts';
import type { Database, DatabaseOptions } from '../connection/database.ts';
import { loadCheckpoints } from './load-checkpoints.ts';
import {
  clearRejectedRuns,
  countRejectedRuns,
  loadMonitorsWithRejectedRuns,
  saveRejectedRuns,
} from '../runs/rejected-runs.ts';
import { createMonitorStore } from '../monitors/monitor-store.ts';
import { loadOpenRunStates } from '../runs/open-run-states.ts';
import { createPageWriter } from '../runs/page-writer.ts';
import type { Transaction } from '../connection/transaction.ts';
import { markRunsAbsent, upsertRuns } from '../runs/upsert-runs.ts';
import { writeInCycle } from './write-in-cycle.ts';

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
        await lock.showAlive(cycleId);
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
  const write = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
    writeInCycle(database, cycleId, work);
  const pages = createPageWriter(database, cycleId, withRejected);
  return {
    id: cycleId,
    lockLost: lock.lost,
    ...createMonitorStore(write),
    savePage: (page) => {
      if (page.rejected.length > 0) withRejected.add(page.monitorId);
      return pages.save(page);
    },
    saveRun: (run, answer) =>
      write(async (tx) => {
        if (withRejected.has(run.monitorId)) await clearRejectedRuns(tx, run.monitorId, [run.id]);
        const [counts] = await upsertRuns(tx, cycleId, [{ monitorId: run.monitorId, answer, runs: [run] }]);
        return counts ?? { inserted: 0, updated: 0, unchanged: 0 };
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
        await database.transaction(async (tx) => {
          // A cycle that failed says so in any case; that all is stored holds only if the server remembers it.
          if (claimsAll(outcome)) await requireRunning(tx, cycleId);
          await finishCycleRecord(tx, cycleId, outcome, finishedAt);
        });
      } finally {
        await lock.release();
      }
    },
  };
}

function claimsAll({ status }: CycleOutcome): boolean {
  return status === 'succeeded' || status === 'partial';
}

async function loadMonitorStates(tx: Transaction): Promise<MonitorStates> {
  return {
    checkpoints: await loadCheckpoints(tx),
    monitorsWithRejectedRuns: await loadMonitorsWithRejectedRuns(tx),
    ...(await loadOpenRunStates(tx)),
  };
}
