/** What the engine needs from the outside: sources of monitors and runs, a store for them, a clock, an observer. */
import type { Checkpoint, Monitor, OpenRun, RejectedRun, Run, UnfinishedWalk, WalkKind } from './model.ts';
import type { DueTimeStore } from './due/due-store.ts';

/** One API of one account, as the warehouse knows it. */
export interface SourceIdentity {
  readonly id: number;
  readonly account: string;
  readonly api: string;
}

/** What a source can do. The plan reads this: nothing in the engine asks which API it is. */
export interface SourceTraits {
  /** The most runs of a page. Estimates go by it, and a cursor is only good for pages of the size that it was made with. */
  readonly pageSize: number;
  /** A listed monitor shows its newest run. */
  readonly showsNewestRun: boolean;
  /** The documentation promises an order of runs, the newest first. */
  readonly promisesNewestFirst: boolean;
  readonly runsCarryOutput: boolean;
}

/**
 * One API of one account as the engine sees it. Retries, pacing and timeouts happen behind it. Methods throw
 * `StopCycleError`, `SourceUnavailableError`, `SkipMonitorError`, `CursorRefusedError` or `InterruptedError` as their
 * comments in `errors.ts` say.
 */
export interface MonitorSource {
  readonly traits: SourceTraits;
  /** One page of the listing of all monitors; `cursor` null for the first. */
  listMonitors(cursor: string | null): Promise<MonitorPage>;
  /** The monitor, or null when the API answers 404. */
  getMonitor(monitorId: string): Promise<Monitor | null>;
  /** One page of a monitor's runs; `cursor` null for the first. */
  listRuns(monitorId: string, cursor: string | null): Promise<RunPage>;
  /** One run; `run` null when the API answers 404. */
  getRun(monitorId: string, runId: string): Promise<RunAnswer>;
  /** What the API's clock said at its last answer, in milliseconds since the epoch; null: it does not tell. */
  serverTimeMs(): number | null;
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
  /** The sources as the warehouse knows them, in this order; rows that are missing are made. */
  ensureSources(keys: readonly Omit<SourceIdentity, 'id'>[]): Promise<readonly SourceIdentity[]>;
  /**
   * Takes the lock, marks cycles left `running` by a dead process as `interrupted`, and records this one. Instants of
   * the cycle come from the caller's clock, by which the next cycles are planned.
   * @param asksForAll false: of the monitors some are left out, so it says nothing of what no listing has shown.
   * @throws LockHeldError when another cycle holds the lock.
   */
  openCycle(trigger: Trigger, startedAt: string, asksForAll?: boolean): Promise<OpenCycle>;
  /** What the warehouse knows of a source's monitors; a plain read, no lock needed. */
  loadMonitorStates(sourceId: number): Promise<MonitorStates>;
}

/** What says which open runs a cycle asks for by id. */
export interface OpenRunStates {
  /** Stored runs that are not final, by monitor id; also those that are marked absent. */
  readonly openRuns: ReadonlyMap<string, readonly OpenRun[]>;
  /** When the last cycle began that got as far as asking for the open runs of all monitors of the source; null before the first. */
  readonly previousCycleAt: string | null;
}

export interface MonitorStates extends OpenRunStates {
  /** By monitor id; none for a monitor that has never been walked. */
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  /** Monitors that have rows in `rejected_runs`. */
  readonly monitorsWithRejectedRuns: ReadonlySet<string>;
  /** Monitors whose checkpoint claims a run that is not stored: somebody has deleted rows. */
  readonly monitorsWithMissingRows: ReadonlySet<string>;
}

/** Whether an account may use an API, as far as that is known. */
export interface SourceAccess {
  /** When the source could be read; null: never. */
  readonly readableAt: string | null;
  /** Since when the API says that the account may not use it; null: it may, or nobody knows. */
  readonly unavailableSince: string | null;
  /** When that was asked last. */
  readonly askedAt: string | null;
}

/** The store during one cycle. Every write fails with `StopCycleError` once another process has taken the cycle over. */
export interface OpenCycle {
  readonly id: number;
  /**
   * Numbers of cycles had begun anew below those of stored answers, which would have hidden every later one: this cycle's
   * is beyond them.
   */
  readonly numbersRaised: boolean;
  /** Aborts when the lock is lost (its connection broke): the cycle must stop. */
  readonly lockLost: AbortSignal;
  /** What the cycle writes for one source. */
  source(sourceId: number): SourceCycle;
  /** Closes the cycle's record, with a row for each source, and releases the lock. */
  close(outcome: CycleOutcome, finishedAt: string): Promise<void>;
}

/** What a cycle reads and writes of one source. Monitors and runs of other sources are never touched. */
export interface SourceCycle {
  /** As it was when the cycle was opened. */
  readonly access: SourceAccess;
  readonly dueTimes: DueTimeStore;

  /**
   * Inserts new monitors and updates changed ones; a monitor that shows up again loses its absent mark. One whose id is
   * stored under another source is left alone.
   * @returns those that were left alone.
   */
  saveMonitors(monitors: readonly Monitor[]): Promise<readonly ForeignMonitor[]>;
  /** Stored monitors without an absent mark that are not among `listed`. */
  findUnlistedMonitors(listed: ReadonlySet<string>): Promise<UnlistedMonitors>;
  markMonitorsAbsent(monitorIds: readonly string[]): Promise<void>;

  /**
   * Upserts the rows of a page, takes accepted ones out of `rejected_runs` and advances the checkpoint, in one transaction.
   * Where the page ends the walk and is itself in doubt, by what is `missing` or `reopened`, the checkpoint's `lookAgain`
   * is set with it: a crash before the doubt is settled must not lose it.
   */
  savePage(page: PageToSave): Promise<SavedPage>;
  /** Upserts a run that was asked for by id, whatever it says. */
  saveRun(run: Run, answer: number): Promise<SavedRuns>;
  saveRejectedRun(rejected: RejectedRun): Promise<void>;
  /** Those of the runs of which no output is stored. */
  findWithoutOutput(runIds: readonly string[]): Promise<readonly string[]>;
  /**
   * Marks runs that the API answered 404 for when it was asked for them under this monitor. A row that lies under another
   * monitor, or that a later answer has shown, is not touched.
   */
  markRunsAbsent(monitorId: string, runIds: readonly string[], answer: number): Promise<void>;
  /** Replaces the checkpoint's `notFoundOnce`; walks leave it as it is. */
  saveNotFoundOnce(monitorId: string, runIds: readonly string[]): Promise<void>;
  /** Forgets an unfinished walk that cannot go on: the next page is the first again. */
  forgetUnfinishedWalk(monitorId: string): Promise<void>;
  /** Leaves a checkpoint that claims nothing: what it claimed is not there any more. */
  forgetClaims(monitorId: string): Promise<void>;
  /** Clears the checkpoint's `lookAgain`: what the page that set it was doubted for is settled. */
  forgetLookAgain(monitorId: string): Promise<void>;
  /** Notes why a monitor could not be read and counts one more failure in a row. */
  recordMonitorFailure(monitorId: string, reason: string): Promise<void>;
  /** Runs still in `rejected_runs` for monitors that are not absent: while there are any, the cycle is partial. */
  countRejectedRuns(): Promise<number>;

  /** Notes that the source could be read. */
  recordReadable(at: string): Promise<void>;
  /** Notes that the API says that the account may not use it. */
  recordUnavailable(reason: string, at: string): Promise<void>;
}

/** A monitor whose id is stored under another source. */
export interface ForeignMonitor {
  readonly id: string;
  readonly storedUnder: SourceIdentity;
}

export interface UnlistedMonitors {
  /** Monitors without an absent mark, listed or not. */
  readonly present: number;
  readonly unlisted: readonly string[];
}

export interface PageToSave {
  readonly monitorId: string;
  readonly runs: readonly Run[];
  readonly rejected: readonly RejectedRun[];
  readonly answer: number;
  /** Where to look for stored runs that the page lacks; null: nowhere. */
  readonly missingBetween: Span | null;
  /** The keys of all rejected runs of a list that was read whole: other rejections of the monitor are over. Null: unknown. */
  readonly onlyRejected: ReadonlySet<string> | null;
  /** Where the walk stands after this page. */
  readonly progress: WalkProgress;
}

/** A span of creation times; null: without an end on that side. */
export interface Span {
  /** Excluded. */
  readonly oldest: string | null;
  /** Included. */
  readonly newest: string | null;
  /** Runs created at `newest` that earlier pages have shown. */
  readonly shownBefore: readonly string[];
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

export interface SavedRuns extends RunCounts {
  /** Runs that went to `rejected_runs` instead, because their ids are stored under another source. */
  readonly foreign: number;
}

export interface SavedPage extends SavedRuns {
  /** Stored runs inside `missingBetween` that the page lacks: candidates for an absent mark, to be confirmed by id. */
  readonly missing: readonly string[];
  /**
   * Runs that are stored as final and that the page shows as open, in an older state by `updatedAt`: not written, since
   * the answer may come from a server that lags behind. To be asked for by id.
   */
  readonly reopened: readonly string[];
}

export interface CycleCounts {
  readonly monitors: { seen: number; skipped: number; walked: number; failed: number };
  readonly runs: { inserted: number; updated: number; unchanged: number; rejected: number };
}

export interface CycleOutcome extends CycleCounts {
  readonly status: CycleStatus;
  readonly traffic: Traffic;
  readonly error: string | null;
  readonly sources: readonly SourceOutcome[];
}

/** `unavailable`: the account may not use this API, and never could. */
type SourceStatus = CycleStatus | 'unavailable';

/** What one source brought to a cycle. */
export interface SourceOutcome extends CycleCounts {
  readonly source: SourceIdentity;
  readonly status: SourceStatus;
  readonly traffic: Traffic;
  /** Why it is not `succeeded`. */
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
