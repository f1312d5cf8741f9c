import type { Checkpoint, UnfinishedWalk } from '../../src/sync/model.ts';

const someInstant = '2026-03-10T12:00:00.000Z';

/** The checkpoint of the monitor `m` after a full walk that found nothing. */
export function someCheckpoint(changes: Partial<Checkpoint> = {}): Checkpoint {
  return {
    monitorId: 'm',
    syncedThrough: null,
    unfinishedWalk: null,
    lastFullWalkAt: someInstant,
    newestRun: null,
    nextRunAt: null,
    lastWalkAt: someInstant,
    rose: false,
    lookAgain: false,
    notFoundOnce: [],
    consecutiveFailures: 0,
    ...changes,
  };
}

/** A full walk that has read one page. */
export function someWalk(changes: Partial<UnfinishedWalk> = {}): UnfinishedWalk {
  return {
    kind: 'full',
    cursor: 'next',
    mark: someInstant,
    stopAt: null,
    descending: true,
    oldestCreatedAt: someInstant,
    edgeIds: [],
    newestRun: null,
    pages: 1,
    pageSize: 200,
    startedAt: someInstant,
    ...changes,
  };
}
