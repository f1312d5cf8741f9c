import type { LimitFunction } from 'p-limit';
import type { SourceAccess, SourceCycle } from '../../sync/ports.ts';
import type { Database } from '../connection/database.ts';
import { createMonitorStore } from '../monitors/monitor-store.ts';
import { markRunsAbsent } from '../runs/mark-runs-absent.ts';
import { countRejectedRuns, saveRejectedRuns } from '../runs/rejected-runs.ts';
import { savePage, saveRuns } from '../runs/save-page.ts';
import { findsMuch, findWithoutOutput } from '../runs/upsert-outputs.ts';
import { answerRank, type RunsOfAnswer } from '../runs/upsert-runs.ts';
import {
  forgetClaims,
  forgetLookAgain,
  forgetUnfinishedWalk,
  recordMonitorFailure,
  saveNotFoundOnce,
} from './checkpoints.ts';
import { recordReadable, recordUnavailable } from './sources.ts';
import { createDueTimeStore } from '../due/due-time-store.ts';
import type { CycleTransaction, CycleWriter } from './write-in-cycle.ts';

/** A cycle and what it found when it was opened. */
export interface OpenedCycle {
  readonly cycleId: number;
  readonly numbersRaised: boolean;
  /** The monitors that may have rows in `rejected_runs`; grows with the cycle. */
  readonly withRejected: Set<string>;
  readonly access: ReadonlyMap<number, SourceAccess>;
  /** Writes that take much memory take turns. */
  readonly largeWrites: LimitFunction;
}

const neverAsked: SourceAccess = { readableAt: null, unavailableSince: null, askedAt: null };

/** What a cycle reads and writes of one source. */
export function createSourceCycle(
  database: Database,
  write: CycleWriter,
  writeInTransaction: CycleTransaction,
  { cycleId, withRejected, access, largeWrites }: OpenedCycle,
  sourceId: number,
): SourceCycle {
  const answerOf = (monitorId: string, answer: number, runs: RunsOfAnswer['runs']): RunsOfAnswer => ({
    sourceId,
    monitorId,
    rank: answerRank(cycleId, answer),
    runs,
    mayReopen: true,
  });
  const noted = <T extends { readonly foreign: number }>(monitorId: string, saved: T): T => {
    if (saved.foreign > 0) withRejected.add(monitorId);
    return saved;
  };
  const inTurn = <T>(runs: RunsOfAnswer['runs'], work: () => Promise<T>): Promise<T> =>
    findsMuch(runs) ? largeWrites(work) : work();
  return {
    access: access.get(sourceId) ?? neverAsked,
    dueTimes: createDueTimeStore(sourceId, (work) => database.transaction(work), writeInTransaction),
    ...createMonitorStore(sourceId, write, database),
    savePage: async (page) => {
      const { monitorId, runs, answer, rejected } = page;
      if (rejected.length > 0) withRejected.add(monitorId);
      const shown = { ...answerOf(monitorId, answer, runs), mayReopen: false };
      return noted(
        monitorId,
        await inTurn(runs, () => savePage(write, page, shown, withRejected.has(monitorId))),
      );
    },
    saveRun: async (run, answer) => {
      const { monitorId } = run;
      const shown = answerOf(monitorId, answer, [run]);
      return noted(monitorId, await inTurn([run], () => saveRuns(write, shown, withRejected.has(monitorId))));
    },
    saveRejectedRun: async (rejected) => {
      withRejected.add(rejected.monitorId);
      await write(saveRejectedRuns([rejected]));
    },
    findWithoutOutput: (runIds) => database.transaction((tx) => findWithoutOutput(tx, runIds)),
    markRunsAbsent: async (monitorId, runIds, answer) => {
      await write([markRunsAbsent(sourceId, monitorId, runIds, answerRank(cycleId, answer))]);
    },
    saveNotFoundOnce: async (monitorId, runIds) => {
      await write([saveNotFoundOnce(monitorId, runIds)]);
    },
    forgetClaims: async (monitorId) => {
      await write([forgetClaims(monitorId)]);
    },
    forgetLookAgain: async (monitorId) => {
      await write([forgetLookAgain(monitorId)]);
    },
    forgetUnfinishedWalk: async (monitorId) => {
      await write([forgetUnfinishedWalk(monitorId)]);
    },
    recordMonitorFailure: async (monitorId, reason) => {
      await write([recordMonitorFailure(monitorId, reason)]);
    },
    countRejectedRuns: () => database.transaction((tx) => countRejectedRuns(tx, sourceId)),
    recordReadable: async (at) => {
      await write([recordReadable(sourceId, at)]);
    },
    recordUnavailable: async (reason, at) => {
      await write([recordUnavailable(sourceId, reason, at)]);
    },
  };
}
