/** A walk between a list that is told and a store that remembers: what it asks for and what it leaves. */
import { describe, expect, test } from 'vitest';
import type { Checkpoint, Monitor, Run, UnfinishedWalk } from '../../src/sync/model.ts';
import { SkipMonitorError } from '../../src/sync/errors.ts';
import type { MonitorPlan } from '../../src/sync/plan/plan-monitor.ts';
import type { PageToSave } from '../../src/sync/ports.ts';
import { walkMonitor, type WalkContext } from '../../src/sync/walk/walk.ts';

const startedAt = '2026-03-10T12:00:00.000Z';

/** A completed run of March, named by its day. */
function runOf(day: number): Run {
  const createdAt = `2026-03-${String(day).padStart(2, '0')}T06:00:00.000Z`;
  return {
    id: `r${day}`,
    monitorId: 'm',
    status: 'completed',
    type: 'search',
    createdAt,
    updatedAt: createdAt,
    startedAt: null,
    output: null,
    completedAt: createdAt,
    failedAt: null,
    failedReason: null,
    canceledAt: null,
    extra: null,
  };
}

const monitor: Monitor = {
  id: 'm',
  websetId: 'w',
  status: 'enabled',
  cadenceCron: '0 6 * * *',
  cadenceTimezone: 'Etc/UTC',
  behavior: {},
  metadata: {},
  name: null,
  trigger: null,
  outputSchema: null,
  lastRun: null,
  nextRunAt: null,
  createdAt: startedAt,
  updatedAt: startedAt,
  extra: null,
};

const walkedBefore: Checkpoint = {
  monitorId: 'm',
  syncedThrough: runOf(9).createdAt,
  unfinishedWalk: null,
  lastFullWalkAt: runOf(9).createdAt,
  newestRun: runOf(9),
  nextRunAt: null,
  consecutiveFailures: 0,
};

interface Told {
  /** The days of the runs on each page; the cursor of a page is its index. */
  readonly pages: readonly (readonly number[])[];
  /** Null: never walked. */
  readonly checkpoint?: Checkpoint | null;
  readonly decision?: MonitorPlan['decision'];
  /** What the store misses on each page, by its index. */
  readonly missing?: readonly (readonly string[])[];
  /** Runs that the API has when it is asked by id. */
  readonly hidden?: readonly string[];
  /** The page whose cursor leads nowhere. */
  readonly brokenPage?: number;
}

async function walkOver({
  pages,
  checkpoint = walkedBefore,
  decision = 'incremental',
  missing = [],
  hidden = [],
  brokenPage,
}: Told) {
  const asked: string[] = [];
  const saved: PageToSave[] = [];
  const absent: string[] = [];
  let forgotten = false;
  const context: WalkContext = {
    source: {
      listRuns: (_monitorId, cursor) => {
        asked.push(`page ${cursor ?? 'at the top'}`);
        const index = Number(cursor ?? 0);
        if (index === brokenPage) return Promise.reject(new SkipMonitorError('no'));
        const hasMore = index + 1 < pages.length;
        return Promise.resolve({
          runs: (pages[index] ?? []).map(runOf),
          rejected: [],
          answer: asked.length,
          hasMore,
          nextCursor: hasMore ? String(index + 1) : null,
        });
      },
      getRun: (_monitorId, id) => {
        asked.push(id);
        const run = hidden.includes(id) ? { ...runOf(1), id } : null;
        return Promise.resolve({ run, rejected: null, answer: asked.length });
      },
    },
    store: {
      savePage: (page) => {
        const found = missing[saved.length] ?? [];
        saved.push(page);
        const counts = { inserted: 0, updated: 0, unchanged: page.runs.length, foreign: 0 };
        return Promise.resolve({ ...counts, missing: found });
      },
      saveRun: () => Promise.resolve({ inserted: 0, updated: 0, unchanged: 1, foreign: 0 }),
      saveRejectedRun: () => Promise.resolve(),
      markRunsAbsent: (_monitorId, ids) => {
        absent.push(...ids);
        return Promise.resolve();
      },
      forgetUnfinishedWalk: () => {
        forgotten = true;
        return Promise.resolve();
      },
    },
    nowMs: () => Date.parse(startedAt),
    overlapMs: 0,
    since: null,
    onSaved: () => undefined,
  };
  const walked = walkMonitor(context, { monitor, checkpoint }, { decision, reason: 'newest_run_changed' });
  const failure = await walked.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(failure instanceof SkipMonitorError)) await walked;
  return { asked, saved, absent, forgotten, failed: failure !== null };
}

test('an incremental walk stops at covered ground', async () => {
  const { asked } = await walkOver({ pages: [[10, 9], [8, 7], [6]] });
  expect(asked).toEqual(['page at the top']);
});

test('rows that an insertion pushed over the edge of a page are no violation of the order', async () => {
  const { asked, saved } = await walkOver({
    pages: [[14, 13, 12], [13, 12, 11], [10, 9], [8, 7], [6]],
  });
  expect(asked).toEqual(['page at the top', 'page 1', 'page 2']);
  expect(saved.at(-1)?.progress).toMatchObject({ state: 'finished', kind: 'incremental' });
});

test('a violated order turns the walk into a full one', async () => {
  const { asked, saved } = await walkOver({ pages: [[12, 11], [13, 8], [7, 6], [5]] });
  expect(asked).toEqual(['page at the top', 'page 1', 'page 2', 'page 3']);
  expect(saved.map(({ missingBetween }) => missingBetween !== null)).toEqual([true, false, false, false]);
  expect(saved.at(-1)?.progress).toMatchObject({ kind: 'full', stopReason: 'end_of_list' });
});

const interrupted: UnfinishedWalk = {
  kind: 'full',
  cursor: '1',
  mark: runOf(13).createdAt,
  stopAt: null,
  descending: false,
  oldestCreatedAt: runOf(12).createdAt,
  newestRun: runOf(13),
  pages: 1,
  startedAt,
};

test('a walk that met a violated order goes on as a full one after an interruption, and looks for nothing', async () => {
  const { asked, saved } = await walkOver({
    // The rest of the list looks as if it were in order.
    pages: [[12, 13], [11, 10], [9, 8], [7, 6], [5]],
    checkpoint: { ...walkedBefore, unfinishedWalk: interrupted },
    decision: 'resume',
  });
  const rest = ['page 1', 'page 2', 'page 3', 'page 4'];
  expect(asked.slice(0, 4)).toEqual(rest);
  expect(saved.slice(0, 4).map(({ missingBetween }) => missingBetween)).toEqual([null, null, null, null]);
  expect(saved[1]?.progress).toMatchObject({ walk: { kind: 'full', stopAt: null, descending: false } });
  expect(saved[3]?.progress).toMatchObject({ kind: 'full', stopReason: 'end_of_list' });
  // What came since it began.
  expect(asked.slice(4)).toEqual(['page at the top', ...rest]);
});

test('what is missing on a page is asked for until one of it is there', async () => {
  const { asked, absent } = await walkOver({
    pages: [[10, 9], [8]],
    missing: [['gone', 'hidden', 'unknown', 'unknown too']],
    hidden: ['hidden'],
  });
  expect(asked).toEqual(['page at the top', 'gone', 'hidden']);
  expect(absent).toEqual(['gone']);
});

test('each page is asked for what it misses', async () => {
  const { asked, absent } = await walkOver({
    pages: [[8, 7], [6]],
    decision: 'full',
    missing: [['hidden', 'unknown'], ['gone']],
    hidden: ['hidden'],
  });
  expect(asked).toEqual(['page at the top', 'hidden', 'page 1', 'gone']);
  expect(absent).toEqual(['gone']);
});

/** A walk that is resumed and ends at a broken page. @returns whether its cursor was forgotten. */
async function failAt(brokenPage: number, failuresBefore: number): Promise<boolean> {
  const { failed, forgotten } = await walkOver({
    pages: [
      [13, 12],
      [11, 10],
      [9, 8],
    ],
    checkpoint: { ...walkedBefore, unfinishedWalk: interrupted, consecutiveFailures: failuresBefore },
    decision: 'resume',
    brokenPage,
  });
  expect(failed).toBe(true);
  return forgotten;
}

describe('a stored cursor', () => {
  test('that leads nowhere is given up at the 4th, 8th, 16th … failure in a row', async () => {
    const givenUpAt: number[] = [];
    for (let failure = 1; failure <= 32; failure += 1) {
      if (await failAt(1, failure - 1)) givenUpAt.push(failure);
    }
    expect(givenUpAt).toEqual([4, 8, 16, 32]);
  });

  test('is kept when the walk got further before it failed', async () => {
    expect(await failAt(2, 3)).toBe(false);
  });
});
