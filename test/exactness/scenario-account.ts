import { SimulatedAccount } from '../../src/simulator/account/account.ts';
import type { ManualClock } from '../../src/simulator/state/clock.ts';
import type { BlindSpots } from './blind-spots.ts';
import type { Change, Scenario } from './scenario.ts';
import { dayMs, hourMs, minuteMs } from './sync-kit.ts';

/** Runs that are older when the account begins are never open: the sync asks seldom for runs that look stuck. */
const oldestOpenMs = 10 * hourMs;

/** The account of a scenario, and what its changes mean for what a cycle can know. */
export class ScenarioAccount {
  readonly account: SimulatedAccount;
  readonly #clock: ManualClock;
  readonly #blindSpots: BlindSpots;
  readonly #cursors: Scenario['quirks']['cursors'];
  #monitors = 0;
  #runs = 0;
  #turnWanted = false;
  readonly #beganMs: number;
  /** A listing whose cursors count rows has passed over a monitor, because one above it went. */
  listingMayHaveSkipped = false;
  /** So much time has passed that an open run may look stuck. */
  mayHaveOldOpenRuns = false;

  constructor(scenario: Scenario, clock: ManualClock, blindSpots: BlindSpots) {
    this.#clock = clock;
    this.#blindSpots = blindSpots;
    this.#beganMs = clock.now();
    this.#cursors = scenario.quirks.cursors;
    this.account = new SimulatedAccount({ clock, quirks: scenario.quirks });
    for (const runs of scenario.monitors) this.#addMonitor(runs);
  }

  get lastRunIsHonest(): boolean {
    return this.account.quirks.lastRun === 'newest';
  }

  /** Turns the lists if that is wanted; not while the sync keeps a cursor of them, whose place would be lost. */
  beforeCycle(cursorsAreKept: boolean): void {
    this.listingMayHaveSkipped = false;
    if (!this.#turnWanted || cursorsAreKept) return;
    const { quirks } = this.account;
    quirks.runOrder = quirks.runOrder === 'descending' ? 'ascending' : 'descending';
    this.#turnWanted = false;
  }

  apply(change: Change): void {
    const { account } = this;
    switch (change.kind) {
      case 'addMonitor':
        return this.#addMonitor([]);
      case 'showLastRun':
        account.quirks.lastRun = change.lastRun;
        return;
      case 'advance':
        return this.#advance(change.minutes);
      case 'turnList':
        this.#turnWanted = !this.#turnWanted;
        return;
      case 'addRuns':
      case 'addLateRun':
      case 'finishRun':
      case 'correctRun':
      case 'deleteRun':
      case 'deleteMonitor':
      case 'switchMonitor':
        return this.#changeMonitor(change);
    }
  }

  #changeMonitor(change: Extract<Change, { monitor: number }>): void {
    const { account } = this;
    const monitorId = pick(account.monitorIds(), change.monitor);
    if (monitorId === undefined) return;
    switch (change.kind) {
      case 'addRuns': {
        // Exactly now: with each other and with what else appears at this instant they make ties.
        for (let added = 0; added < change.count; added += 1) {
          account.addRun(monitorId, { id: this.#newRunId(), outcome: change.open ? null : 'completed' });
        }
        return;
      }
      case 'addLateRun': {
        const ageMs = change.minutesAgo * minuteMs;
        const createdAtMs = this.#clock.now() - ageMs;
        const id = account.addRun(monitorId, { id: this.#newRunId(), createdAtMs, outcome: 'failed' });
        return this.#blindSpots.changedLate(monitorId, id, ageMs);
      }
      case 'deleteMonitor':
        account.deleteMonitor(monitorId);
        if (this.#cursors === 'offset') this.listingMayHaveSkipped = true;
        return;
      case 'switchMonitor': {
        const { status } = account.findMonitor(monitorId)?.settings ?? { status: 'enabled' };
        account.updateMonitor(monitorId, { status: status === 'enabled' ? 'disabled' : 'enabled' });
        return;
      }
      case 'finishRun':
      case 'correctRun':
      case 'deleteRun':
        return this.#changeRun(monitorId, change);
    }
  }

  #changeRun(monitorId: string, change: Extract<Change, { run: number }>): void {
    const { account } = this;
    const runs = account.runs(monitorId);
    const open = runs.filter(({ status }) => status === 'created' || status === 'running');
    if (change.kind === 'finishRun') {
      const run = pick(open, change.run);
      if (run !== undefined) account.finishRun(monitorId, run.id, { status: change.status });
      return;
    }
    const run = pick(runs, change.run);
    if (run === undefined) return;
    if (change.kind === 'deleteRun') {
      account.deleteRun(monitorId, run.id);
      const left = account.runs(monitorId).map(({ id }) => id);
      if (this.#cursors === 'offset') this.#blindSpots.rowsMovedUp(monitorId, left);
      return;
    }
    if (open.includes(run)) return;
    // Sometimes `updatedAt` goes backwards: it is the API's, and the latest answer counts.
    const touchedAtMs = this.#clock.now() - (change.run % 2) * dayMs;
    account.updateRun(monitorId, run.id, {
      touchedAtMs,
      outcome: {
        status: 'failed',
        atMs: Date.parse(run.createdAt) + minuteMs,
        failedReason: `corrected ${this.#runs}`,
      },
    });
    this.#blindSpots.changedLate(monitorId, run.id, this.#clock.now() - Date.parse(run.createdAt));
  }

  #advance(minutes: number): void {
    this.#clock.advance(minutes * minuteMs);
    if (this.#clock.now() - this.#beganMs > dayMs - oldestOpenMs - hourMs) this.mayHaveOldOpenRuns = true;
  }

  #addMonitor(runs: Scenario['monitors'][number]): void {
    const nowMs = this.#clock.now();
    this.#monitors += 1;
    const id = `m${this.#monitors}`;
    this.account.addMonitor({ id, firesOnSchedule: false, createdAtMs: nowMs - this.#monitors * 1000 });
    let createdAtMs = nowMs - minuteMs;
    const seeds = runs.map(({ gapMinutes, status }) => {
      createdAtMs -= gapMinutes * minuteMs;
      return { createdAtMs, status };
    });
    for (const { createdAtMs: atMs, status } of seeds.toReversed()) {
      const isOpen = status === 'open' && nowMs - atMs < oldestOpenMs;
      const outcome = {
        status: status === 'open' ? ('completed' as const) : status,
        atMs: atMs + minuteMs,
        failedReason: status === 'failed' ? 'no results' : null,
      };
      this.account.addRun(id, { id: this.#newRunId(), createdAtMs: atMs, outcome: isOpen ? null : outcome });
    }
  }

  #newRunId(): string {
    this.#runs += 1;
    return `r${this.#runs}`;
  }
}

function pick<T>(choices: readonly T[], index: number): T | undefined {
  return choices.length === 0 ? undefined : choices[index % choices.length];
}
