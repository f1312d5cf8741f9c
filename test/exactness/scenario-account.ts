import type { ManualClock } from '../../src/simulator/state/clock.ts';
import type { AccountQuirks } from '../../src/simulator/websets/websets-account.ts';
import type { BlindSpots } from './blind-spots.ts';
import type { Change, RunSeed, SourceSeed } from './scenario.ts';
import type { Side } from './scenario-side.ts';
import { dayMs, hourMs, minuteMs } from './sync-kit.ts';

/** Runs that are older when the account begins are never open: the sync asks seldom for runs that look stuck. */
const oldestOpenMs = 10 * hourMs;

/** The life of one source in a scenario, and what its changes mean for what a cycle can know. */
export class ScenarioSource {
  readonly side: Side;
  readonly listedOutputs: SourceSeed['listedOutputs'];
  readonly #prefix: string;
  readonly #clock: ManualClock;
  readonly #blindSpots: BlindSpots;
  readonly #happened: (what: string) => void;
  readonly #changedAtMs = new Map<string, number>();
  #monitors = 0;
  #runs = 0;
  #turnWanted = false;
  readonly #beganMs: number;
  /** What the listing shows of runs; of Search Monitors it shows nothing. */
  lastRun: AccountQuirks['lastRun'] = 'newest';
  /** The listing has passed over a monitor in this cycle, or shown it as it was. */
  listingMayHaveSkipped = false;
  listingLagged = false;

  constructor(
    prefix: string,
    seed: SourceSeed,
    {
      side,
      clock,
      blindSpots,
      happened,
    }: {
      side: Side;
      clock: ManualClock;
      blindSpots: BlindSpots;
      happened: (what: string) => void;
    },
  ) {
    this.#prefix = prefix;
    this.listedOutputs = seed.listedOutputs;
    this.side = side;
    this.#clock = clock;
    this.#blindSpots = blindSpots;
    this.#happened = happened;
    this.#beganMs = clock.now();
    for (const runs of seed.monitors) this.#addMonitor(runs);
  }

  /** Whether the listing shows of each monitor what is new, as far as that is known. */
  get isHonest(): boolean {
    return this.side.api === 'websets' && this.lastRun === 'newest' && !this.listingLagged;
  }

  /** So much time has passed that an open run may look stuck. */
  get mayHaveOldOpenRuns(): boolean {
    return this.#clock.now() - this.#beganMs > dayMs - oldestOpenMs - hourMs;
  }

  /** Whether its pages come in another order than that of creation. */
  get isUnordered(): boolean {
    const { runOrder } = this.side.quirks;
    return runOrder !== 'descending' && runOrder !== 'ascending';
  }

  /** Whether rows that come or go shift what a cursor stands for. */
  get shifts(): boolean {
    const { cursors } = this.side.quirks;
    return this.isUnordered || cursors === 'offset' || cursors === 'page' || cursors === 'same';
  }

  /** Turns the lists if that is wanted; not while the sync keeps a cursor of them, whose place would be lost. */
  beforeCycle(cursorsAreKept: boolean): void {
    this.listingMayHaveSkipped = false;
    this.listingLagged = false;
    if (!this.#turnWanted || cursorsAreKept || this.isUnordered) return;
    const { quirks } = this.side;
    quirks.runOrder = quirks.runOrder === 'descending' ? 'ascending' : 'descending';
    this.#turnWanted = false;
  }

  runIds(monitorId: string): readonly string[] {
    return this.side.runs(monitorId).map(({ id }) => id);
  }

  /** The runs of a monitor that an answer shows otherwise than they are when it comes from so long ago. */
  changedWithin(monitorId: string, ms: number): readonly { readonly id: string; readonly ageMs: number }[] {
    const seenMs = this.#clock.now() - ms;
    // Where the monitor itself is not there yet, none of its runs is.
    const isThere = seenMs >= (this.#changedAtMs.get(monitorId) ?? 0);
    return this.side
      .runs(monitorId)
      .filter(({ id }) => !isThere || seenMs < (this.#changedAtMs.get(id) ?? 0))
      .map(({ id, createdAt }) => ({ id, ageMs: this.#clock.now() - Date.parse(createdAt) }));
  }

  /** Rows of a list have come, gone or changed their places under a walk. */
  rowsMoved(monitorId: string): void {
    this.#blindSpots.passedOver(monitorId, this.runIds(monitorId));
  }

  /** Time has passed, by which an order of the last change may change. */
  clockAdvanced(): void {
    if (this.isUnordered) for (const monitorId of this.side.monitorIds()) this.rowsMoved(monitorId);
  }

  apply(change: Change): void {
    switch (change.kind) {
      case 'addMonitor':
        return this.#addMonitor([]);
      case 'advance':
        this.#clock.advance(change.minutes * minuteMs);
        return;
      case 'turnList':
        this.#turnWanted = !this.#turnWanted;
        return;
      case 'showLastRun':
        this.lastRun = change.lastRun;
        return this.side.showLastRun(change.lastRun);
      case 'addRuns':
      case 'addLateRun':
      case 'addFutureRun':
      case 'deleteMonitor':
      case 'switchMonitor':
      case 'finishRun':
      case 'correctRun':
      case 'deleteRun':
      case 'moveRun':
        return this.#changeMonitor(change);
    }
  }

  #changeMonitor(change: Extract<Change, { monitor: number }>): void {
    const { side } = this;
    const monitorId = pick(side.monitorIds(), change.monitor);
    if (monitorId === undefined) return;
    switch (change.kind) {
      case 'addRuns': {
        // Exactly now: with each other and with what else appears at this instant they make ties.
        for (let added = 0; added < change.count; added += 1) {
          const end = change.open ? null : { status: 'completed' as const, atMs: this.#clock.now() };
          this.#addRun(monitorId, { id: this.#newRunId(), end });
        }
        if (this.isUnordered) this.rowsMoved(monitorId);
        return;
      }
      case 'addLateRun': {
        const ageMs = change.minutesAgo * minuteMs;
        const createdAtMs = this.#clock.now() - ageMs;
        const id = this.#newRunId();
        this.#addRun(monitorId, { id, createdAtMs, end: { status: 'failed', atMs: createdAtMs } });
        if (this.isUnordered) this.rowsMoved(monitorId);
        return this.#blindSpots.changedLate(monitorId, id, ageMs);
      }
      case 'addFutureRun': {
        const end = { status: 'completed' as const, atMs: this.#clock.now() };
        this.#addRun(monitorId, { id: this.#newRunId(), end, shownCreatedAt: '2031-01-01T00:00:00.000Z' });
        if (this.isUnordered) this.rowsMoved(monitorId);
        return this.#happened('run dated in the future');
      }
      case 'deleteMonitor':
        side.deleteMonitor(monitorId);
        if (side.quirks.monitorCursors !== 'keyset') this.listingMayHaveSkipped = true;
        return;
      case 'switchMonitor':
        return side.switchMonitor(monitorId);
      case 'finishRun':
      case 'correctRun':
      case 'deleteRun':
      case 'moveRun':
        return this.#changeRun(monitorId, change);
    }
  }

  #changeRun(monitorId: string, change: Extract<Change, { run: number }>): void {
    const { side } = this;
    const runs = side.runs(monitorId);
    const open = runs.filter(({ isOpen }) => isOpen);
    const run = pick(change.kind === 'finishRun' ? open : runs, change.run);
    if (run === undefined) return;
    const ageMs = this.#clock.now() - Date.parse(run.createdAt);
    switch (change.kind) {
      case 'finishRun':
        side.finishRun(monitorId, run.id, change.status);
        this.#changed(run.id);
        break;
      case 'deleteRun':
        side.deleteRun(monitorId, run.id);
        if (this.shifts) this.rowsMoved(monitorId);
        return;
      case 'moveRun': {
        const to = pick(
          side.monitorIds().filter((id) => id !== monitorId),
          change.to,
        );
        if (to === undefined) return;
        side.moveRun(monitorId, run.id, to);
        this.#changed(run.id);
        this.#blindSpots.moved(to, run.id, ageMs);
        if (this.shifts) this.rowsMoved(monitorId);
        if (this.isUnordered) this.rowsMoved(to);
        return this.#happened('run moved to another monitor');
      }
      case 'correctRun':
        if (run.isOpen) return;
        // Sometimes `updatedAt` goes backwards: it is the API's, and the latest answer counts.
        side.correctRun(
          monitorId,
          run.id,
          this.#clock.now() - (change.run % 2) * dayMs,
          Date.parse(run.createdAt) + minuteMs,
          `corrected ${this.#runs}`,
        );
        this.#changed(run.id);
        this.#blindSpots.changedLate(monitorId, run.id, ageMs);
        break;
    }
    if (this.isUnordered) this.rowsMoved(monitorId);
  }

  #addMonitor(runs: readonly RunSeed[]): void {
    const nowMs = this.#clock.now();
    this.#monitors += 1;
    const id = `${this.#prefix}m${this.#monitors}`;
    this.side.addMonitor(id, nowMs - this.#monitors * 1000);
    this.#changedAtMs.set(id, nowMs);
    let createdAtMs = nowMs - minuteMs;
    const seeds = runs.map(({ gapMinutes, status }) => {
      createdAtMs -= gapMinutes * minuteMs;
      return { createdAtMs, status };
    });
    for (const { createdAtMs: atMs, status } of seeds.toReversed()) {
      const isOpen = status === 'open' && nowMs - atMs < oldestOpenMs;
      const end = { status: status === 'open' ? ('completed' as const) : status, atMs: atMs + minuteMs };
      const runId = this.#newRunId();
      this.side.addRun(id, { id: runId, createdAtMs: atMs, end: isOpen ? null : end });
      this.#changedAtMs.set(runId, isOpen ? atMs : end.atMs);
    }
  }

  #addRun(monitorId: string, run: Parameters<Side['addRun']>[1]): void {
    this.side.addRun(monitorId, run);
    this.#changed(run.id);
  }

  #changed(runId: string): void {
    this.#changedAtMs.set(runId, this.#clock.now());
    this.#blindSpots.changed(runId);
  }

  #newRunId(): string {
    this.#runs += 1;
    return `${this.#prefix}r${this.#runs}`;
  }
}

function pick<T>(choices: readonly T[], index: number): T | undefined {
  return choices.length === 0 ? undefined : choices[index % choices.length];
}
