import type { MonitorSource, RunCounts, SourceCycle } from '../ports.ts';

/** What asking for one run needs. */
export interface AskContext {
  readonly source: Pick<MonitorSource, 'getRun'>;
  readonly store: Pick<SourceCycle, 'saveRun' | 'saveRejectedRun' | 'markRunsAbsent'>;
  readonly onSaved: (
    monitorId: string,
    runIds: readonly string[],
    counts: RunCounts,
    rejected: number,
  ) => void;
}

const noRuns: RunCounts = { inserted: 0, updated: 0, unchanged: 0 };

/**
 * Asks for a stored run by id and saves what the API says of it now; 404 marks it absent.
 * @returns whether the API has it.
 */
export async function askForRun(context: AskContext, monitorId: string, runId: string): Promise<boolean> {
  const { run, rejected, answer } = await context.source.getRun(monitorId, runId);
  if (run !== null) {
    const saved = await context.store.saveRun(run, answer);
    context.onSaved(monitorId, [run.id], saved, saved.foreign);
  } else if (rejected !== null) {
    await context.store.saveRejectedRun(rejected);
    context.onSaved(monitorId, [], noRuns, 1);
  } else {
    await context.store.markRunsAbsent(monitorId, [runId], answer);
    return false;
  }
  return true;
}
