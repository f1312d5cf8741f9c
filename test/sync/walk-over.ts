/** A walk between a list that is told and a store that remembers: what it asks for and what it leaves. */
import type { Checkpoint, ListedMonitor, Run } from '../../src/sync/model.ts';
import { SkipMonitorError } from '../../src/sync/errors.ts';
import type { MonitorPlan } from '../../src/sync/plan/plan-monitor.ts';
import type { PageToSave } from '../../src/sync/ports.ts';
import type { WalkContext } from '../../src/sync/walk/walk-pages.ts';
import { walkMonitor } from '../../src/sync/walk/walk.ts';
import { someCheckpoint } from '../builders/some-checkpoint.ts';
import { someMonitor } from '../builders/some-monitor.ts';
import { completedRun } from '../builders/some-run.ts';

export const startedAt = '2026-03-10T12:00:00.000Z';

/** A completed run of March, named by its day. */
export function runOf(day: number): Run {
  return completedRun(`r${day}`, `2026-03-${String(day).padStart(2, '0')}T06:00:00.000Z`);
}

export const walkedBefore = someCheckpoint({
  syncedThrough: runOf(9).createdAt,
  lastFullWalkAt: runOf(9).createdAt,
  newestRun: runOf(9),
});

export interface Told {
  /** The runs on each page, or the days of them; the cursor of a page is its index. */
  readonly pages: readonly (readonly (number | Run)[])[];
  /** What the list shows from the second reading of its top on. Default: the same. */
  readonly pagesLater?: Told['pages'];
  /** What the listing says of the monitor. */
  readonly listed?: Partial<ListedMonitor>;
  /** Null: never walked. */
  readonly checkpoint?: Checkpoint | null;
  readonly decision?: MonitorPlan['decision'];
  /** What the store misses on each page, by its index. */
  readonly missing?: readonly (readonly string[])[];
  /** What the store takes for an answer that lags behind on each page, by its index. */
  readonly reopened?: readonly (readonly string[])[];
  /** Runs that the API has when it is asked by id. */
  readonly hidden?: readonly (string | Run)[];
  /** The page whose cursor leads nowhere. */
  readonly brokenPage?: number;
  /** What every page gives as the next cursor. Default: the index of the next page. */
  readonly cursor?: string;
  readonly pageSize?: number;
  /** Runs of which an output is stored; not given: the source's runs carry none. */
  readonly outputsStored?: readonly string[];
  /** How many outputs may be asked for. Default 10. */
  readonly outputsToAsk?: number;
}

/** What a walk did. */
export interface WalkSeen {
  /** Pages, and runs by their ids, in the order of asking. */
  readonly asked: readonly string[];
  readonly saved: readonly PageToSave[];
  /** Those that were asked for by id. */
  readonly savedRuns: readonly Run[];
  readonly absent: readonly string[];
  readonly forgotten: boolean;
  readonly looksAgain: boolean;
  readonly failure: string | null;
}

export async function walkOver(told: Told): Promise<WalkSeen> {
  const { checkpoint = walkedBefore, decision = 'incremental', missing = [], reopened = [] } = told;
  const asked: string[] = [];
  const saved: PageToSave[] = [];
  const savedRuns: Run[] = [];
  const absent: string[] = [];
  let [forgotten, looksAgain, tops, position] = [false, false, 0, 0];
  const context: WalkContext = {
    source: {
      traits: {
        pageSize: told.pageSize ?? 200,
        showsNewestRun: true,
        promisesNewestFirst: false,
        runsCarryOutput: told.outputsStored !== undefined,
      },
      listRuns: (_monitorId, cursor) => {
        asked.push(`page ${cursor ?? 'at the top'}`);
        if (cursor === null) tops += 1;
        position = cursor === null ? 0 : position + 1;
        const index = told.cursor === undefined ? Number(cursor ?? 0) : position;
        if (index === told.brokenPage) return Promise.reject(new SkipMonitorError('no'));
        const pages = tops > 1 ? (told.pagesLater ?? told.pages) : told.pages;
        const hasMore = index + 1 < pages.length;
        return Promise.resolve({
          runs: (pages[index] ?? []).map((run) => (typeof run === 'number' ? runOf(run) : run)),
          rejected: [],
          answer: asked.length,
          hasMore,
          nextCursor: hasMore ? (told.cursor ?? String(index + 1)) : null,
        });
      },
      getRun: (_monitorId, id) => {
        asked.push(id);
        const run = (told.hidden ?? []).find((each) => (typeof each === 'string' ? each : each.id) === id);
        const found = typeof run === 'string' ? { ...runOf(1), id } : (run ?? null);
        return Promise.resolve({ run: found, rejected: null, answer: asked.length });
      },
    },
    store: {
      savePage: (page) => {
        const index = saved.length;
        saved.push(page);
        const doubts = (missing[index] ?? []).length + (reopened[index] ?? []).length;
        if (page.progress.state === 'finished') {
          looksAgain = page.progress.checkpoint.lookAgain || doubts > 0;
        }
        return Promise.resolve({
          inserted: 0,
          updated: 0,
          unchanged: page.runs.length,
          foreign: 0,
          missing: missing[index] ?? [],
          reopened: reopened[index] ?? [],
        });
      },
      saveRun: (run) => {
        savedRuns.push(run);
        return Promise.resolve({ inserted: 0, updated: 0, unchanged: 1, foreign: 0 });
      },
      saveRejectedRun: () => Promise.resolve(),
      markRunsAbsent: (_monitorId, ids) => {
        absent.push(...ids);
        return Promise.resolve();
      },
      forgetUnfinishedWalk: () => {
        forgotten = true;
        return Promise.resolve();
      },
      findWithoutOutput: (ids) =>
        Promise.resolve(ids.filter((id) => !(told.outputsStored ?? []).includes(id))),
      forgetClaims: () => Promise.resolve(),
      forgetLookAgain: () => {
        looksAgain = false;
        return Promise.resolve();
      },
    },
    nowMs: () => Date.parse(startedAt),
    overlapMs: 0,
    since: null,
    outputsToAsk: { left: told.outputsToAsk ?? 10 },
    onSaved: () => undefined,
  };
  const target = { monitor: someMonitor(told.listed), checkpoint };
  let failure: string | null = null;
  try {
    await walkMonitor(context, target, { decision, reason: 'newest_run_changed' });
  } catch (error) {
    if (!(error instanceof SkipMonitorError)) throw error;
    failure = error.message;
  }
  return { asked, saved, savedRuns, absent, forgotten, looksAgain, failure };
}
