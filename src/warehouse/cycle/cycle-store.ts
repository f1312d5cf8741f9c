import type {
  CycleOutcome,
  CycleStore,
  MonitorStates,
  OpenCycle,
  SourceAccess,
  SourceCycle,
} from '../../sync/ports.ts';
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
import { createDueTimeStore } from '../due/due-time-store.ts';
import { createMonitorStore } from '../monitors/monitor-store.ts';
import { loadOpenRunStates } from '../runs/open-run-states.ts';
import { createPageWriter } from '../runs/page-writer.ts';
import type { Transaction } from '../connection/transaction.ts';
import { answerRank, markRunsAbsent, upsertRuns } from '../runs/upsert-runs.ts';
import { ensureSources, loadSourceAccess, recordReadable, recordUnavailable } from './sources.ts';
import { writeInCycle } from './write-in-cycle.ts';

/** The engine's store over a migrated warehouse. `options` open the connection that holds the lock. */
export function createCycleStore(database: Database, options: DatabaseOptions, host: CycleHost): CycleStore {
  return {
    ensureSources: (keys) => database.transaction((tx) => ensureSources(tx, keys)),
    loadMonitorStates: (sourceId) => database.transaction((tx) => loadMonitorStates(tx, sourceId)),
    openCycle: async (trigger, startedAt) => {
      const lock = await takeCycleLock(options, () => loadLockHolder(database));
      try {
        const opened = await database.transaction(async (tx) => ({
          cycleId: await startCycleRecord(tx, trigger, startedAt, host),
          withRejected: new Set(await loadMonitorsWithRejectedRuns(tx)),
          access: await loadSourceAccess(tx),
        }));
        await lock.showAlive(opened.cycleId);
        return createOpenCycle(database, lock, opened);
      } catch (error) {
        await lock.release();
        throw error;
      }
    },
  };
}

interface Opened {
  readonly cycleId: number;
  /** The monitors that may have rows in `rejected_runs`; grows with the cycle. */
  readonly withRejected: Set<string>;
  readonly access: ReadonlyMap<number, SourceAccess>;
}

function createOpenCycle(database: Database, lock: CycleLock, opened: Opened): OpenCycle {
  const { cycleId } = opened;
  return {
    id: cycleId,
    lockLost: lock.lost,
    source: (sourceId) => createSourceCycle(database, opened, sourceId),
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

const neverAsked: SourceAccess = { readableAt: null, unavailableSince: null, askedAt: null };

function createSourceCycle(database: Database, opened: Opened, sourceId: number): SourceCycle {
  const { cycleId, withRejected } = opened;
  const write = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
    writeInCycle(database, cycleId, work);
  const pages = createPageWriter(database, cycleId, sourceId, withRejected);
  return {
    access: opened.access.get(sourceId) ?? neverAsked,
    dueTimes: createDueTimeStore(sourceId, (work) => database.transaction(work), write),
    ...createMonitorStore(sourceId, write),
    savePage: (page) => {
      if (page.rejected.length > 0) withRejected.add(page.monitorId);
      return pages.save(page);
    },
    saveRun: (run, answer) =>
      write(async (tx) => {
        if (withRejected.has(run.monitorId)) await clearRejectedRuns(tx, run.monitorId, [run.id]);
        const answers = [{ monitorId: run.monitorId, answer, runs: [run] }];
        const [counts] = await upsertRuns(tx, cycleId, sourceId, answers);
        return { ...(counts ?? { inserted: 0, updated: 0, unchanged: 0 }), foreign: 0 };
      }),
    saveRejectedRun: (rejected) => {
      withRejected.add(rejected.monitorId);
      return write((tx) => saveRejectedRuns(tx, [rejected]));
    },
    markRunsAbsent: (monitorId, runIds, answer) =>
      write((tx) => markRunsAbsent(tx, monitorId, runIds, answerRank(cycleId, answer))),
    forgetUnfinishedWalk: (monitorId) => write((tx) => forgetUnfinishedWalk(tx, monitorId)),
    recordMonitorFailure: (monitorId, reason) => write((tx) => recordMonitorFailure(tx, monitorId, reason)),
    countRejectedRuns: () => database.transaction((tx) => countRejectedRuns(tx, sourceId)),
    recordReadable: (at) => write((tx) => recordReadable(tx, sourceId, at)),
    recordUnavailable: (reason, at) => write((tx) => recordUnavailable(tx, sourceId, reason, at)),
  };
}

function claimsAll({ status }: CycleOutcome): boolean {
  return status === 'succeeded' || status === 'partial';
}

async function loadMonitorStates(tx: Transaction, sourceId: number): Promise<MonitorStates> {
  return {
    checkpoints: await loadCheckpoints(tx),
    monitorsWithRejectedRuns: await loadMonitorsWithRejectedRuns(tx),
    ...(await loadOpenRunStates(tx, sourceId)),
  };
}
