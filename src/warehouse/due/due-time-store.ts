import type { DueTimeStore } from '../../sync/due/due-store.ts';
import type { Transaction } from '../connection/transaction.ts';
import { loadScheduleWork } from './load-schedule-work.ts';
import { matchDueTimes, rematchMissedRuns } from './match-due-times.ts';
import { saveSchedules } from './save-schedules.ts';

/** The due times of one source's monitors during one cycle. `write` runs a transaction of the cycle. */
export function createDueTimeStore(
  sourceId: number,
  read: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
  write: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
): DueTimeStore {
  return {
    loadScheduleWork: (dueBy) => read((tx) => loadScheduleWork(tx, sourceId, dueBy)),
    saveJudgedSchedules: (judged, noticedAt) =>
      write(async (tx) => {
        const due = judged.flatMap((schedule) =>
          schedule.due.map((time) => ({ monitorId: schedule.monitorId, ...time })),
        );
        if (due.length > 0) await matchDueTimes(tx, due, noticedAt);
        await saveSchedules(tx, judged);
      }),
    rematchMissedRuns: async (monitorIds) => {
      if (monitorIds.length > 0) await write((tx) => rematchMissedRuns(tx, monitorIds));
    },
  };
}
