import type { Run } from '../../src/sync/model.ts';

/** A run of the monitor `m` of which a test says nothing but what it changes. */
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

/** A run of the monitor `m` that was completed the moment it was created. */
export function completedRun(id: string, createdAt: string, changes: Partial<Run> = {}): Run {
  return someRun({
    id,
    status: 'completed',
    createdAt,
    updatedAt: createdAt,
    completedAt: createdAt,
    ...changes,
  });
}
