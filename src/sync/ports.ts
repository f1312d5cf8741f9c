/** What the engine needs from the outside: a source of monitors and runs, a store for them, a clock, an observer. */
import type { Checkpoint, Monitor, OpenRun, RejectedRun, Run, UnfinishedWalk, WalkKind } from './model.ts';

/**
 * The API as the engine sees it. Retries, pacing and timeouts happen behind it. Methods throw `StopCycleError`,
 * `SkipMonitorError`, `CursorRefusedError` or `InterruptedError` as their comments in `errors.ts` say.
 */
export interface MonitorSource {
  /** One page of the listing of all monitors; `cursor` null for the first. */
  listMonitors(cursor: string | null): Promise<MonitorPage>;
  /** The monitor, or null when the API answers 404. */
  getMonitor(monitorId: string): Promise<Monitor | null>;
  /** One page of a monitor's runs; `cursor` null for the first. */
  listRuns(monitorId: string, cursor: string | null): Promise<RunPage>;
  /** One run; `run` null when the API answers 404. */
  getRun(monitorId: string, runId: string): Promise<RunAnswer>;
}

/** Paging fields as the API sent them: the engine, not the source, decides whether they make sense together. */
export interface Paging {
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
}

export interface MonitorPage extends Paging {
  readonly monitors: readonly Monitor[];
  /** Records of the listing that are not usable monitors; `id` null when not even that could be read. */
  readonly unreadable: readonly { readonly id: string | null; readonly reason: string }[];
}

export interface RunPage extends Paging {
  readonly runs: readonly Run[];
  readonly rejected: readonly RejectedRun[];
  /** Ordinal of the answer within the cycle, by when it was asked for: a later answer wins over an earlier one. */
  readonly answer: number;
}

export interface RunAnswer {
  readonly run: Run | null;
  readonly rejected: RejectedRun | null;
  readonly answer: number;
}

/** Why a cycle was started. */
export type Trigger = 'manual' | 'schedule';

export type CycleStatus = 'succeeded' | 'partial' | 'failed' | 'interrupted';

/** The warehouse as the engine sees it. */
export interface CycleStore {
  /**
   * Takes the lock, marks cycles left `running` by a dead process as `interrupted`, and records this one. Instants of
   * the cycle come from the caller's clock, by which the next cycles are planned.
   * @throws LockHeldError when another cycle holds the lock.
   */
  openCycle(trigger: Trigger, startedAt: string): Promise<OpenCycle>;
  /** What the warehouse knows of every monitor that it has ever walked, by monitor id; a plain read, no lock needed. */
  loadMonitorStates(): Promise<MonitorStates>;
}

/** What says which open runs a cycle asks for by id. */
export interface OpenRunStates {
  /** Stored runs that are neither final nor absent, by monitor id. */
  readonly openRuns: ReadonlyMap<string, readonly OpenRun[]>;
  /** When the last cycle began that got as far as asking for the open runs of all monitors; null before the first. */
  readonly previousCycleAt: string | null;
}

export interface MonitorStates extends OpenRunStates {
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  /** Monitors that have rows in `rejected_runs`. */
  readonly monitorsWithRejectedRuns: ReadonlySet<string>;
}

/** The store during one cycle. Every write fails with `StopCycleError` once another process has taken the cycle over. */
export interface OpenCycle {
  readonly id: number;
  /** Aborts when the lock is lost (its connection broke): the cycle must stop. */
  readonly lockLost: AbortSignal;

  /** Inserts new monitors and updates changed ones; a monitor that shows up again loses its absent mark. */
  saveMonitors(monitors: readonly Monitor[]): Promise<void>;
  /** Ids of stored monitors without an absent mark that are not among `listed`. */
  findUnlistedMonitors(listed: ReadonlySet<string>): Promise<readonly string[]>;
  markMonitorsAbsent(monitorIds: readonly string[]): Promise<void>;

  /** Upserts the rows of a page, takes accepted ones out of `rejected_runs` and advances the checkpoint, in one transaction. */
  savePage(page: PageToSave): Promise<SavedPage>;
  /** Upserts a run that was asked for by id. */
  saveRun(run: Run, answer: number): Promise<RunCounts>;
  saveRejectedRun(rejected: RejectedRun): Promise<void>;
  /** Marks runs that the API answered 404 for. */
  markRunsAbsent(monitorId: string, runIds: readonly string[]): Promise<void>;
  /** Forgets an unfinished walk whose cursor the API refused: the next page is the first again. */
  forgetUnfinishedWalk(monitorId: string): Promise<void>;
  /** Notes why a monitor could not be read and counts one more failure in a row. */
  recordMonitorFailure(monitorId: string, reason: string): Promise<void>;

  /** Runs still in `rejected_runs` for monitors that are not absent: while there are any, the cycle is partial. */
  countRejectedRuns(): Promise<number>;
  /** Closes the cycle's record and releases the lock. */
  close(outcome: CycleOutcome, finishedAt: string): Promise<void>;
}

export interface PageToSave {
  readonly monitorId: string;
  readonly runs: readonly Run[];
  readonly rejected: readonly RejectedRun[];
  readonly answer: number;
  /** Whether the engine knows of no reason why one of the runs might be stored: a guess that may prove wrong. */
  readonly presumedNew: boolean;
  /** Where to look for stored runs that the page lacks: created between these instants, both excluded; null: nowhere. */
  readonly missingBetween: Span | null;
  /** The keys of all rejected runs of a list that was read whole: other rejections of the monitor are over. Null: unknown. */
  readonly onlyRejected: ReadonlySet<string> | null;
  /** Where the walk stands after this page. */
  readonly progress: WalkProgress;
}

/** A span of creation times, both ends excluded; null: without an end on that side. */
export interface Span {
  readonly oldest: string | null;
  readonly newest: string | null;
}

/** What the checkpoint becomes with a page. */
export type WalkProgress =
  | { readonly state: 'unfinished'; readonly walk: UnfinishedWalk }
  | {
      readonly state: 'finished';
      readonly kind: WalkKind;
      readonly stopReason: StopReason;
      readonly finishedAt: string;
      /** The checkpoint that the finished walk leaves. */
      readonly checkpoint: Checkpoint;
    };

/** Why a walk ended. */
export type StopReason = 'end_of_list' | 'covered_ground' | 'since_date';

export interface RunCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

export interface SavedPage extends RunCounts {
  /** Stored runs inside `missingBetween` that the page lacks: candidates for an absent mark, to be confirmed by id. */
  readonly missing: readonly string[];
}

export interface CycleCounts {
  readonly monitors: { seen: number; skipped: number; walked: number; failed: number };
  readonly runs: { inserted: number; updated: number; unchanged: number; rejected: number };
}

export interface CycleOutcome extends CycleCounts {
  readonly status: CycleStatus;
  readonly traffic: Traffic;
  readonly error: string | null;
}

/** What the cycle cost. `waitedMs` is the time that requests spent waiting for the rate budget or a pause, summed. */
export interface Traffic {
  readonly requests: number;
  readonly retries: number;
  readonly waits: number;
  readonly waitedMs: number;
}

/** A source that knows what it has cost so far. */
export interface TrafficMeter {
  traffic(): Traffic;
}

/** Time as an argument. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Told what happens in a cycle; progress displays, metrics and logs hang on it. Must not throw. */
export type CycleObserver = (event: CycleEvent) => void;

export type PlanDecision = 'skip' | 'resume' | 'incremental' | 'full' | 'since';

export type CycleEvent =
  | { readonly type: 'cycle-opened'; readonly cycleId: number; readonly trigger: Trigger }
  | { readonly type: 'monitors-listed'; readonly monitors: number }
  | { readonly type: 'planned'; readonly decisions: Readonly<Record<PlanDecision, number>> }
  | ({ readonly type: 'answer-saved'; readonly monitorId: string; readonly rejected: number } & RunCounts)
  | { readonly type: 'monitor-walked'; readonly monitorId: string; readonly pages: number }
  | { readonly type: 'monitor-failed'; readonly monitorId: string; readonly error: Error }
  | {
      readonly type: 'cycle-closed';
      readonly cycleId: number;
      readonly outcome: CycleOutcome;
      readonly durationMs: number;
    };
