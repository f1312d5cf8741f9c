import type { Run } from '../../src/sync/model.ts';
import type { CycleOutcome, CycleStatus, PageToSave, SourceIdentity } from '../../src/sync/ports.ts';
import { someWalk } from '../builders/some-checkpoint.ts';

/** The source that every warehouse has from the start. */
export const websets: SourceIdentity = { id: 1, account: 'default', api: 'websets' };

/** An instant for whatever a test says nothing about. */
export const someInstant = '2026-03-10T12:00:00.000Z';

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
    walk: someWalk({ pages, mark: someInstant, oldestCreatedAt: someInstant, startedAt: someInstant }),
  };
}

/** Of a cycle that did nothing. */
export function outcomeOf(status: CycleStatus): CycleOutcome {
  const nothing = {
    status,
    error: null,
    monitors: { seen: 0, skipped: 0, walked: 0, failed: 0 },
    runs: { inserted: 0, updated: 0, unchanged: 0, rejected: 0 },
    traffic: { requests: 0, retries: 0, waits: 0, waitedMs: 0 },
  };
  return { ...nothing, sources: [{ ...nothing, source: websets }] };
}
