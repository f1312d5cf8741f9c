import type { Run } from '../../src/sync/model.ts';
import type { CycleOutcome, CycleStatus, PageToSave, SourceIdentity } from '../../src/sync/ports.ts';

/** The source that every warehouse has from the start. */
export const websets: SourceIdentity = { id: 1, account: 'default', api: 'websets' };

/** An instant for whatever a test says nothing about. */
export const someInstant = '2026-03-10T12:00:00.000Z';

export function someRun(changes: Partial<Run> = {}): Run {
  return {
    id: 'r',
    monitorId: 'm',
    status: 'running',
    type: 'search',
    createdAt: '2026-03-10T10:00:00.123456Z',
    updatedAt: '2026-03-10T10:00:01Z',
    startedAt: null,
    output: null,
    completedAt: null,
    failedAt: null,
    failedReason: null,
    canceledAt: null,
    extra: null,
    ...changes,
  };
}

/** A page in the middle of a full walk of the monitor `m`. */
export function pageOf(runs: readonly Run[], changes: Partial<PageToSave> = {}): PageToSave {
  return {
    monitorId: 'm',
    runs,
    rejected: [],
    answer: 1,
    missingBetween: null,
    onlyRejected: null,
    progress: unfinishedAfter(1),
    ...changes,
  };
}

export function unfinishedAfter(pages: number): PageToSave['progress'] {
  return {
    state: 'unfinished',
    walk: {
      kind: 'full',
      cursor: 'next',
      mark: someInstant,
      stopAt: null,
      descending: true,
      oldestCreatedAt: someInstant,
      newestRun: null,
      pages,
      startedAt: someInstant,
    },
  };
}

/** Of a cycle that did nothing. */
export function outcomeOf(status: CycleStatus): CycleOutcome {
  return {
    status,
    error: null,
    monitors: { seen: 0, skipped: 0, walked: 0, failed: 0 },
    runs: { inserted: 0, updated: 0, unchanged: 0, rejected: 0 },
    traffic: { requests: 0, retries: 0, waits: 0, waitedMs: 0 },
    sources: [],
  };
}
