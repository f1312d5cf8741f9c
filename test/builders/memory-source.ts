import { createAnswerCounter } from '../../src/sync/answer-counter.ts';
import type { Monitor, Run } from '../../src/sync/model.ts';
import type { MonitorSource, Paging, SourceTraits } from '../../src/sync/ports.ts';

/** What a source in memory serves, in the order of its lists. */
export interface Remembered {
  readonly traits: SourceTraits;
  readonly monitors: readonly Monitor[];
  readonly runs: readonly Run[];
  /** Asked once per question; what it returns is thrown. */
  readonly refuse?: (question: { readonly cursor: string | null }) => Error | null;
}

/** A source without an API: its cursors are positions. */
export function createMemorySource({ traits, monitors, runs, refuse }: Remembered): MonitorSource {
  const answers = createAnswerCounter();
  const answer = (cursor: string | null): number => {
    const refused = refuse?.({ cursor }) ?? null;
    if (refused !== null) throw refused;
    return answers.next();
  };
  const pageOf = <T>(rows: readonly T[], cursor: string | null): Paging & { readonly rows: readonly T[] } => {
    const end = Number(cursor ?? 0) + traits.pageSize;
    const hasMore = end < rows.length;
    return {
      rows: rows.slice(end - traits.pageSize, end),
      hasMore,
      nextCursor: hasMore ? String(end) : null,
    };
  };
  const runsOf = (monitorId: string) => runs.filter((run) => run.monitorId === monitorId);
  return {
    traits,
    serverTimeMs: () => null,
    listMonitors: async (cursor) => {
      answer(cursor);
      const { rows, ...paging } = pageOf(monitors, cursor);
      return { ...paging, monitors: rows, unreadable: [] };
    },
    getMonitor: async (monitorId) => {
      answer(null);
      return monitors.find(({ id }) => id === monitorId) ?? null;
    },
    listRuns: async (monitorId, cursor) => {
      const asked = answer(cursor);
      const { rows, ...paging } = pageOf(runsOf(monitorId), cursor);
      return { ...paging, runs: rows, rejected: [], answer: asked };
    },
    getRun: async (monitorId, runId) => {
      const asked = answer(null);
      return {
        run: runsOf(monitorId).find(({ id }) => id === runId) ?? null,
        rejected: null,
        answer: asked,
      };
    },
  };
}
