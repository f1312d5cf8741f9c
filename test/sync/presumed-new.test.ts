import { expect, test } from 'vitest';
import type { Checkpoint, Run } from '../../src/sync/model.ts';
import type { MonitorPlan } from '../../src/sync/plan.ts';
import type { PageToSave, RunPage } from '../../src/sync/ports.ts';
import { walkMonitor, type WalkContext } from '../../src/sync/walk.ts';

const now = Date.UTC(2026, 2, 10, 12);
const instant = (hour: number): string => new Date(now - hour * 3_600_000).toISOString();

function runAt(hour: number): Run {
  return {
    id: `run ${hour}`,
    monitorId: 'm',
    status: 'completed',
    type: 'search',
    createdAt: instant(hour),
    updatedAt: instant(hour),
    completedAt: instant(hour),
    failedAt: null,
    failedReason: null,
    canceledAt: null,
    extra: null,
  };
}

const monitor = {
  id: 'm',
  websetId: 'w',
  status: 'enabled',
  cadenceCron: '0 * * * *',
  cadenceTimezone: 'UTC',
  behavior: {},
  metadata: {},
  lastRun: null,
  nextRunAt: null,
  createdAt: instant(99),
  updatedAt: instant(99),
  extra: null,
};

const neverWalked: Checkpoint = {
  monitorId: 'm',
  syncedThrough: null,
  unfinishedWalk: null,
  lastFullWalkAt: null,
  newestRun: null,
  nextRunAt: null,
  consecutiveFailures: 1,
};

/** Walks a list of pages, each the hours of its runs, and says which pages were presumed to be new. */
async function presumptions(
  pages: readonly (readonly number[])[],
  checkpoint: Checkpoint | null,
  decision: MonitorPlan['decision'],
  since: string | null = null,
): Promise<readonly boolean[]> {
  const saved: PageToSave[] = [];
  const context: WalkContext = {
    source: {
      listRuns: (_monitorId, cursor): Promise<RunPage> => {
        const index = Number(cursor ?? 0);
        const hasMore = index + 1 < pages.length;
        return Promise.resolve({
          runs: (pages[index] ?? []).map(runAt),
          rejected: [],
          answer: index + 1,
          hasMore,
          nextCursor: hasMore ? String(index + 1) : null,
        });
      },
      getRun: () => Promise.reject(new Error('nobody asks for a run')),
    },
    store: {
      savePage: (page) => {
        saved.push(page);
        return Promise.resolve({ inserted: page.runs.length, updated: 0, unchanged: 0, missing: [] });
      },
      saveRun: () => Promise.reject(new Error('no run is saved alone')),
      saveRejectedRun: () => Promise.reject(new Error('no run is rejected')),
      markRunsAbsent: () => Promise.reject(new Error('no run is absent')),
      forgetUnfinishedWalk: () => Promise.reject(new Error('no cursor is refused')),
    },
    nowMs: () => now,
    overlapMs: 86_400_000,
    since,
    onSaved: () => undefined,
  };
  await walkMonitor(context, { monitor, checkpoint }, { decision, reason: 'never_walked' });
  return saved.map(({ presumedNew }) => presumedNew);
}

test.each([
  ['never seen', null],
  ['seen, but not walked', neverWalked],
])('all pages of the first walk of a monitor %s are presumed to be new', async (_what, checkpoint) => {
  expect(await presumptions([[1, 2], [3, 4], [5]], checkpoint, 'full')).toEqual([true, true, true]);
});

test('a page that shows a row of the page before again is not presumed to be new', async () => {
  expect(await presumptions([[1, 2], [2, 3], [4]], null, 'full')).toEqual([true, false, true]);
});

test('the rest of a first walk is presumed to be new, and the walk from the top after it is not', async () => {
  const walk = {
    kind: 'full',
    cursor: '1',
    mark: instant(1),
    stopAt: null,
    descending: true,
    oldestCreatedAt: instant(2),
    newestRun: null,
    pages: 1,
    startedAt: instant(0),
  } as const;
  const checkpoint = { ...neverWalked, unfinishedWalk: walk };
  expect(await presumptions([[1, 2], [3, 4], [5]], checkpoint, 'resume')).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('where a walk has ended nothing is presumed to be new, not even after one down to a date', async () => {
  const newestRun = { id: 'run 1', status: 'completed', createdAt: instant(1), updatedAt: instant(1) };
  expect(await presumptions([[1, 2]], { ...neverWalked, newestRun }, 'full')).toEqual([false]);
  const walked = { ...neverWalked, syncedThrough: instant(1), lastFullWalkAt: instant(0), newestRun };
  expect(await presumptions([[1, 2]], walked, 'incremental')).toEqual([false]);
  expect(await presumptions([[1]], { ...neverWalked, lastFullWalkAt: instant(0) }, 'full')).toEqual([false]);
});
