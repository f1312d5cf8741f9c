/** The two sides of a simulated account in one vocabulary, for whoever changes it at random. */
import type { SimulatedAccount } from '../../src/simulator/account/account.ts';
import type { CursorStyle } from '../../src/simulator/answers/paging.ts';
import type { RunOrder } from '../../src/simulator/answers/list-order.ts';
import type { AccountQuirks } from '../../src/simulator/websets/websets-account.ts';
import type { FinalStatus } from '../../src/simulator/websets/wire.ts';
import type { SearchFinalStatus } from '../../src/simulator/search/wire.ts';
import type { Api } from './sync-kit.ts';
import { servedBySearch, servedByWebsets, type Served } from './served-rows.ts';

/** A run as far as a change needs to know it. */
interface SideRun {
  readonly id: string;
  readonly createdAt: string;
  readonly isOpen: boolean;
}

interface RunToAdd {
  readonly id: string;
  /** Default: now. */
  readonly createdAtMs?: number;
  /** Null: it is open. */
  readonly end: { readonly status: FinalStatus; readonly atMs: number } | null;
  /** What it says of its creation, wherever its place in the list is. */
  readonly shownCreatedAt?: string;
}

export interface Side {
  readonly api: Api;
  readonly quirks: { runOrder: RunOrder; cursors: CursorStyle; monitorCursors?: CursorStyle };
  /** Means nothing where the listing shows no run. */
  showLastRun(lastRun: AccountQuirks['lastRun']): void;
  served(): Served;
  monitorIds(): readonly string[];
  /** Newest first; none of a monitor that does not exist. */
  runs(monitorId: string): readonly SideRun[];
  addMonitor(id: string, createdAtMs: number): void;
  deleteMonitor(id: string): void;
  switchMonitor(id: string): void;
  addRun(monitorId: string, run: RunToAdd): void;
  finishRun(monitorId: string, runId: string, status: FinalStatus): void;
  /** Makes it a failed one. */
  correctRun(monitorId: string, runId: string, touchedAtMs: number, failedAtMs: number, reason: string): void;
  deleteRun(monitorId: string, runId: string): void;
  moveRun(monitorId: string, runId: string, toMonitorId: string): void;
}

export function websetsSide(account: SimulatedAccount): Side {
  return {
    api: 'websets',
    quirks: account.quirks,
    showLastRun: (lastRun) => {
      account.quirks.lastRun = lastRun;
    },
    served: () => servedByWebsets(account),
    monitorIds: () => account.monitorIds(),
    runs: (monitorId) =>
      account.findMonitor(monitorId) === undefined
        ? []
        : account.runs(monitorId).map(({ id, createdAt, status }) => ({
            id,
            createdAt,
            isOpen: status === 'created' || status === 'running',
          })),
    addMonitor: (id, createdAtMs) => void account.addMonitor({ id, createdAtMs, firesOnSchedule: false }),
    deleteMonitor: (id) => account.deleteMonitor(id),
    switchMonitor: (id) => {
      const status = account.findMonitor(id)?.settings.status === 'enabled' ? 'disabled' : 'enabled';
      account.updateMonitor(id, { status });
    },
    addRun: (monitorId, { end, shownCreatedAt, ...run }) => {
      const outcome = end && { ...end, failedReason: end.status === 'failed' ? 'no results' : null };
      account.addRun(monitorId, { ...run, outcome, ...shown(shownCreatedAt) });
    },
    finishRun: (monitorId, runId, status) => account.finishRun(monitorId, runId, { status }),
    correctRun: (monitorId, runId, touchedAtMs, atMs, failedReason) =>
      account.updateRun(monitorId, runId, { touchedAtMs, outcome: { status: 'failed', atMs, failedReason } }),
    deleteRun: (monitorId, runId) => account.deleteRun(monitorId, runId),
    moveRun: (monitorId, runId, to) => account.moveRun(monitorId, runId, to),
  };
}

export function searchSide({ search }: SimulatedAccount): Side {
  return {
    api: 'search',
    quirks: search.quirks,
    showLastRun: () => undefined,
    served: () => servedBySearch(search),
    monitorIds: () => search.monitorIds(),
    runs: (monitorId) =>
      search.findMonitor(monitorId) === undefined
        ? []
        : search.runs(monitorId).map(({ id, createdAt, status }) => ({
            id,
            createdAt,
            isOpen: status === 'pending' || status === 'running',
          })),
    addMonitor: (id, createdAtMs) => void search.addMonitor({ id, createdAtMs, firesOnSchedule: false }),
    deleteMonitor: (id) => search.deleteMonitor(id),
    switchMonitor: (id) => {
      const status = search.findMonitor(id)?.settings.status === 'active' ? 'paused' : 'active';
      search.updateMonitor(id, { status });
    },
    addRun: (monitorId, { end, shownCreatedAt, ...run }) => {
      const outcome = end && { ...end, status: spelled(end.status) };
      search.addRun(monitorId, { ...run, outcome, ...shown(shownCreatedAt) });
    },
    finishRun: (monitorId, runId, status) => search.finishRun(monitorId, runId, { status: spelled(status) }),
    correctRun: (monitorId, runId, touchedAtMs, atMs, failReason) =>
      search.updateRun(monitorId, runId, {
        touchedAtMs,
        outcome: { status: 'failed', atMs, failReason, output: null },
      }),
    deleteRun: (monitorId, runId) => search.deleteRun(monitorId, runId),
    moveRun: (monitorId, runId, to) => search.moveRun(monitorId, runId, to),
  };
}

function spelled(status: FinalStatus): SearchFinalStatus {
  return status === 'canceled' ? 'cancelled' : status;
}

function shown(createdAt: string | undefined) {
  return createdAt === undefined ? {} : { overlay: { fields: { createdAt } } };
}
