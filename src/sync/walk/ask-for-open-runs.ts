import { forMonitor, type CycleContext } from '../cycle-context.ts';
import { dueOpenRuns } from '../plan/open-run-schedule.ts';
import { apiAheadMs } from '../plan/plan-monitors.ts';
import type { MonitorStates } from '../ports.ts';
import { askForRun, isNotFound, type AskContext } from './ask-for-run.ts';

/**
 * Asks by id for the open runs that no answer of this cycle has shown, until they are final. One 404 may come from a
 * server that lags behind: a run counts as absent when the API says it in two cycles.
 */
export async function askForOpenRuns(
  context: CycleContext,
  askContext: AskContext,
  states: MonitorStates,
  shown: ReadonlySet<string>,
): Promise<void> {
  const { options, clock, source, tally, cycle, gate } = context;
  const nowMs = clock.now();
  const due = dueOpenRuns(states, options.only, nowMs, apiAheadMs(source, nowMs)).filter(
    (run) => !shown.has(run.id) && !tally.hasFailed(run.monitorId),
  );
  const notes = new NotFoundNotes(states, shown);
  await Promise.all(
    due.map((run) =>
      forMonitor(context, run.monitorId, async () => {
        const answered = await askForRun(askContext, run.monitorId, run.id);
        if (!isNotFound(answered)) notes.found(run.monitorId, run.id);
        else if (run.absentSince === null && notes.isSecond(run.monitorId, run.id)) {
          await cycle.markRunsAbsent(run.monitorId, [run.id], answered.answer);
        }
      }),
    ),
  );
  gate.throwIfStopped();
  for (const [monitorId, runIds] of notes.changed()) await cycle.saveNotFoundOnce(monitorId, runIds);
}

/** Which open runs the API has answered 404 for once, by monitor. */
class NotFoundNotes {
  readonly #before: ReadonlyMap<string, readonly string[]>;
  readonly #now: Map<string, Set<string>>;

  constructor({ checkpoints }: MonitorStates, shown: ReadonlySet<string>) {
    this.#before = new Map(
      [...checkpoints]
        .filter(([, { notFoundOnce }]) => notFoundOnce.length > 0)
        .map(([monitorId, { notFoundOnce }]) => [monitorId, notFoundOnce]),
    );
    this.#now = new Map(
      [...this.#before].map(([monitorId, ids]) => [monitorId, new Set(ids.filter((id) => !shown.has(id)))]),
    );
  }

  found(monitorId: string, runId: string): void {
    this.#now.get(monitorId)?.delete(runId);
  }

  /** Notes a 404; the second one ends the noting. */
  isSecond(monitorId: string, runId: string): boolean {
    const noted = this.#now.get(monitorId) ?? new Set<string>();
    this.#now.set(monitorId, noted);
    if (noted.delete(runId)) return true;
    noted.add(runId);
    return false;
  }

  /** The notes to store: those of monitors whose notes differ from the stored ones. */
  changed(): readonly (readonly [monitorId: string, runIds: readonly string[]])[] {
    return [...this.#now]
      .map(([monitorId, ids]) => [monitorId, [...ids]] as const)
      .filter(([monitorId, ids]) => ids.join(' ') !== (this.#before.get(monitorId) ?? []).join(' '));
  }
}
