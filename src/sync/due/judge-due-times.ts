import type { CycleGate } from '../cycle-gate.ts';
import type { CycleTally } from '../cycle-tally.ts';
import { instantMs, instantOf } from '../model.ts';
import type { SourceCycle } from '../ports.ts';
import type { JudgedSchedule } from './due-store.ts';
import { judgeSchedule } from './judge-schedule.ts';
import { ScheduleReader } from './schedule.ts';

interface DueContext {
  readonly cycle: Pick<SourceCycle, 'dueTimes'>;
  readonly tally: Pick<CycleTally, 'isRead' | 'walkedMonitors'>;
  readonly gate: Pick<CycleGate, 'throwIfStopped'>;
  /** How long after its due time a run is still in time. */
  readonly graceMs: number;
}

/** Due times that are matched at a time: between them the process sees to other things, and memory is given back. */
const dueTimesAtOnce = 2000;

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
  let judged: JudgedSchedule[] = [];
  let dueTimesJudged = 0;
  const save = async (): Promise<void> => {
    if (judged.length > 0) await dueTimes.saveJudgedSchedules(judged, coveredAt);
    [judged, dueTimesJudged] = [[], 0];
  };
  for (const monitor of work) {
    const isCovered = monitor.isCovered && tally.isRead(monitor.id);
    const schedule = judgeSchedule(monitor, { schedules, coveredAt, graceMs, isCovered });
    if (schedule === null) continue;
    judged.push(schedule);
    dueTimesJudged += schedule.due.length;
    if (dueTimesJudged < dueTimesAtOnce) continue;
    await save();
    gate.throwIfStopped();
  }
  await save();
}
