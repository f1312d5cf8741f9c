import { askForRun, type AskContext } from './ask-for-run.ts';
import { forMonitor, type CycleContext } from '../cycle-context.ts';
import { instantMs, type OpenRun } from '../model.ts';
import { isDue } from '../plan/open-run-schedule.ts';
import type { OpenRunStates } from '../ports.ts';

/** Asks by id for the open runs that no answer of this cycle has shown, until they are final. */
export async function askForOpenRuns(
  context: CycleContext,
  askContext: AskContext,
  states: OpenRunStates,
  shown: ReadonlySet<string>,
): Promise<void> {
  const due = dueOpenRuns(states, context.options.only, context.clock.now()).filter(
    (run) => !shown.has(run.id) && !context.tally.hasFailed(run.monitorId),
  );
  await Promise.all(
    due.map((run) =>
      forMonitor(context, run.monitorId, async () => {
        await askForRun(askContext, run.monitorId, run.id);
      }),
    ),
  );
  context.gate.throwIfStopped();
}

/** The open runs that a cycle at `nowMs` wants to hear of. */
export function dueOpenRuns(
  states: OpenRunStates,
  only: ReadonlySet<string> | null,
  nowMs: number,
): readonly OpenRun[] {
  const previousMs = states.previousCycleAt === null ? null : instantMs(states.previousCycleAt);
  return [...states.openRuns]
    .filter(([monitorId]) => only?.has(monitorId) ?? true)
    .flatMap(([, runs]) => runs.filter((run) => isDue(run.createdAt, nowMs, previousMs)));
}
