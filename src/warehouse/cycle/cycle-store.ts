import pLimit from 'p-limit';
import type { CycleOutcome, CycleStore, MonitorStates, OpenCycle } from '../../sync/ports.ts';
import { takeCycleLock, type CycleLock } from './cycle-lock.ts';
import { finishCycleRecord, startCycleRecord, type CycleHost } from './cycle-record.ts';
import type { Database, DatabaseOptions } from '../connection/database.ts';
import { loadCheckpoints, loadMonitorsWithMissingRows } from './load-checkpoints.ts';
import { loadMonitorsWithRejectedRuns } from '../runs/rejected-runs.ts';
import { loadOpenRunStates } from '../runs/open-run-states.ts';
import type { Transaction } from '../connection/transaction.ts';
import { createSourceCycle, type OpenedCycle } from './source-cycle.ts';
import { ensureSources, loadSourceAccess } from './sources.ts';
import { createCycleTransaction, createCycleWriter } from './write-in-cycle.ts';

/** The engine's store over a migrated warehouse. `options` open the connection that holds the lock. */
export function createCycleStore(database: Database, options: DatabaseOptions, host: CycleHost): CycleStore {
  return {
    ensureSources: (keys) => database.transaction((tx) => ensureSources(tx, keys)),
    loadMonitorStates: (sourceId) => database.transaction((tx) => loadMonitorStates(tx, sourceId)),
    openCycle: async (trigger, startedAt, asksForAll = true) => {
      const lock = await takeCycleLock(options, host, database);
      try {
        const opened = await database.transaction(async (tx) => ({
          ...(await startCycleRecord(tx, { trigger, startedAt, asksForAll, ...host })),
          withRejected: new Set(await loadMonitorsWithRejectedRuns(tx)),
          access: await loadSourceAccess(tx),
        }));
        return createOpenCycle(database, lock, { ...opened, largeWrites: pLimit(1) });
      } catch (error) {
        await lock.release();
        throw error;
      }
    },
  };
}

function createOpenCycle(database: Database, lock: CycleLock, opened: OpenedCycle): OpenCycle {
  const { cycleId, numbersRaised } = opened;
  const write = createCycleWriter(database, cycleId, lock, { flushed: false });
  const writeInTransaction = createCycleTransaction(database, cycleId, lock);
  const writeFlushed = createCycleWriter(database, cycleId, lock, { flushed: true });
  return {
    id: cycleId,
    numbersRaised,
    lockLost: lock.lost,
    source: (sourceId) => createSourceCycle(database, write, writeInTransaction, opened, sourceId),
    close: async (outcome, finishedAt) => {
      const record = finishCycleRecord(cycleId, outcome, finishedAt);
      try {
        // A cycle that failed says so in any case; that all is stored holds only if the server remembers it.
        if (claimsAll(outcome)) await writeFlushed(record);
        else await database.send(record);
      } finally {
        await lock.release();
      }
    },
  };
}

function claimsAll({ status }: CycleOutcome): boolean {
  return status === 'succeeded' || status === 'partial';
}

async function loadMonitorStates(tx: Transaction, sourceId: number): Promise<MonitorStates> {
  return {
    checkpoints: await loadCheckpoints(tx),
    monitorsWithMissingRows: await loadMonitorsWithMissingRows(tx),
    monitorsWithRejectedRuns: await loadMonitorsWithRejectedRuns(tx),
    ...(await loadOpenRunStates(tx, sourceId)),
  };
}
