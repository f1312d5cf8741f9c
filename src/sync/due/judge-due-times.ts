import type { CycleGate } from '../cycle-gate.ts';
import type { CycleTally } from '../cycle-tally.ts';
import { instantMs, instantOf } from '../model.ts';
import type { SourceCycle } from '../ports.ts';
import { judgeSchedule } from './judge-schedule.ts';
import { ScheduleReader } from './schedule.ts';

interface DueContext {
  readonly cycle: Pick<SourceCycle, 'dueTimes'>;
  readonly tally: Pick<CycleTally, 'isRead' | 'walkedMonitors'>;
  readonly gate: Pick<CycleGate, 'throwIfStopped'>;
  /** How long after its due time a run is still in time. */
  readonly graceMs: number;
}

/** Monitors whose due times are computed and matched at a time: between them the process sees to other things. */
const monitorsAtOnce = 50;

/**
 * Looks for due times that have passed with their grace and finds out which runs did not come, of the monitors that this
 * cycle has read to their end or skipped with evidence. `coveredAt` is from before the first of them was listed.
 */
export async function judgeDueTimes(context: DueContext, coveredAt: string): Promise<void> {
  const { tally, gate, graceMs } = context;
  const { dueTimes } = context.cycle;
  await dueTimes.rematchMissedRuns(tally.walkedMonitors());
  const work = await dueTimes.loadScheduleWork(instantOf(instantMs(coveredAt) - graceMs));
  const schedules = new ScheduleReader();
  for (let from = 0; from < work.length; from += monitorsAtOnce) {
    gate.throwIfStopped();
    const judged = work.slice(from, from + monitorsAtOnce).flatMap((monitor) => {
      const isCovered = monitor.isCovered && tally.isRead(monitor.id);
      return judgeSchedule(monitor, { schedules, coveredAt, graceMs, isCovered }) ?? [];
    });
    if (judged.length > 0) await dueTimes.saveJudgedSchedules(judged, coveredAt);
  }
}
