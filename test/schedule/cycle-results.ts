import type { CycleResult } from '../../src/sync/cycle.ts';
import type { CycleStatus } from '../../src/sync/ports.ts';

/** What a cycle with nothing special about it returns. */
export function cycleResult(status: CycleStatus, cycleId = 1): CycleResult {
  const error = status === 'failed' ? 'the key was refused' : null;
  return {
    cycleId,
    durationMs: 1000,
    failure: error === null ? null : new Error(error),
    outcome: {
      status,
      error,
      monitors: { seen: 1, skipped: 1, walked: 0, failed: 0 },
      runs: { inserted: 0, updated: 0, unchanged: 0, rejected: 0 },
      traffic: { requests: 1, retries: 0, waits: 0, waitedMs: 0 },
      sources: [],
    },
  };
}
