import type { Run } from '../model.ts';
import type { MonitorSource, RunAnswer, RunCounts, SourceCycle } from '../ports.ts';

/** What asking for one run needs. */
export interface AskContext {
  readonly source: Pick<MonitorSource, 'getRun'>;
  readonly store: Pick<SourceCycle, 'saveRun' | 'saveRejectedRun' | 'markRunsAbsent'>;
  readonly onSaved: OnSaved;
}

/** Told after each commit which runs an answer showed and what became of them. */
export type OnSaved = (monitorId: string, runs: readonly Run[], counts: RunCounts, rejected: number) => void;

const noRuns: RunCounts = { inserted: 0, updated: 0, unchanged: 0 };

/** Asks for a run by id and saves what the API says of it now. What a 404 means, the caller knows. */
export async function askForRun(context: AskContext, monitorId: string, runId: string): Promise<RunAnswer> {
  const answered = await context.source.getRun(monitorId, runId);
  const { run, rejected, answer } = answered;
  if (run !== null) {
    const saved = await context.store.saveRun(run, answer);
    context.onSaved(monitorId, [run], saved, saved.foreign);
  } else if (rejected !== null) {
    await context.store.saveRejectedRun(rejected);
    context.onSaved(monitorId, [], noRuns, 1);
  }
  return answered;
}

/** Whether the API says that it does not have the run. */
export function isNotFound({ run, rejected }: RunAnswer): boolean {
  return run === null && rejected === null;
}
