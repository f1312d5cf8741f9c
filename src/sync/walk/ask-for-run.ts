import type { Run, RunOutput } from '../model.ts';
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

const noOutput: RunOutput = { content: null, grounding: null, results: [] };

/**
 * Asks for a run that has ended with an output which its list lacks. One without any is stored as having found nothing, so
 * that nobody asks again.
 */
export async function askForOutput(context: AskContext, monitorId: string, runId: string): Promise<void> {
  const source: AskContext['source'] = {
    getRun: async (...question) => {
      const { run, ...answered } = await context.source.getRun(...question);
      const hasEnded = run !== null && hasOutput(run);
      return { ...answered, run: hasEnded ? { ...run, output: run.output ?? noOutput } : run };
    },
  };
  await askForRun({ ...context, source }, monitorId, runId);
}

/** Whether a run's status promises an output. */
export function hasOutput({ status }: Run): boolean {
  return status === 'completed';
}

/** Whether the API says that it does not have the run. */
export function isNotFound({ run, rejected }: RunAnswer): boolean {
  return run === null && rejected === null;
}
