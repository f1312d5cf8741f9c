import { getTableColumns, type SQL } from 'drizzle-orm';
import { isFinal, type Run } from '../../sync/model.ts';
import type { PageToSave } from '../../sync/ports.ts';
import { progressStatements } from '../cycle/checkpoints.ts';
import { copyLine } from '../connection/copy-field.ts';
import type { CopyIn } from '../connection/copy-in.ts';
import { insertRecords } from './record-set.ts';
import { monitorRuns, monitorRunStatusChanges } from '../schema.ts';
import { answerRank, runContent } from './upsert-runs.ts';

/**
 * How to save pages without rejected runs all of whose runs are new: half the work of an upsert for the server, and a
 * tenth for the client. A run that is stored after all makes the server refuse all of it (SQLSTATE 23505).
 */
export function copyOfPages(
  cycleId: number,
  pages: readonly PageToSave[],
): Omit<CopyIn, 'check' | 'prologue'> & { readonly prologue: readonly SQL[] } {
  return {
    prologue: [...progressStatements(pages), ...firstSights(cycleId, pages)],
    statement: `copy monitor_runs (${columns.join(', ')}) from stdin`,
    rows: linesOf(cycleId, pages),
  };
}

const columns = (['id', ...runContent, 'answer'] as const).map(
  (key) => getTableColumns(monitorRuns)[key].name,
);

/** The lines of a page at a time. */
function* linesOf(cycleId: number, pages: readonly PageToSave[]): Generator<string> {
  for (const { runs, answer } of pages) {
    const rank = String(answerRank(cycleId, answer));
    yield runs.map((run) => copyLine([run.id, ...runContent.map((key) => fieldOf(run, key)), rank])).join('');
  }
}

function fieldOf(run: Run, key: (typeof runContent)[number]): string | null {
  const value = run[key];
  return value === null || typeof value === 'string' ? value : JSON.stringify(value);
}

/** The first sight of a run is a change of status while the run is open. */
function firstSights(cycleId: number, pages: readonly PageToSave[]): readonly SQL[] {
  const open = pages.flatMap(({ runs, answer }) =>
    runs
      .filter(({ status }) => !isFinal(status))
      .map(({ id, monitorId, status, updatedAt }) => ({
        runId: id,
        monitorId,
        toStatus: status,
        changedAt: updatedAt,
        answer: String(answerRank(cycleId, answer)),
      })),
  );
  if (open.length === 0) return [];
  return [insertRecords(monitorRunStatusChanges, open)];
}
