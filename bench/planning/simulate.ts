import type { Monitor } from '../../src/sync/model.ts';
import { awaitedRunAt } from '../../src/sync/plan/schedule-evidence.ts';
import type { Knowledge, Variant } from './variants.ts';
import {
  countRuns,
  instantOf,
  listedMonitor,
  runAsOf,
  type Listing,
  type WorldMonitor,
  type WorldRun,
} from './world.ts';

export interface Period {
  readonly startMs: number;
  readonly endMs: number;
  readonly cycleMs: number;
  /** Cycles before this instant bring the account in; they are not counted. */
  readonly countFromMs: number;
}

/** What a variant cost over the counted period, and what it let wait. */
export interface Outcome {
  readonly variant: string;
  /** For a single monitor, without the listing. */
  readonly monitorRequests: number;
  readonly listings: number;
  /** Cycles that asked the events feed, and the events that it named. */
  readonly eventCycles: number;
  readonly events: number;
  readonly runs: number;
  /** Each run appears once and ends once; of these, what was seen later than by a walk in each cycle, by how many milliseconds. */
  readonly delaysMs: readonly number[];
}

const pageSize = 200;
/** Runs of each monitor before the simulated time: what makes a full walk cost more than one page. */
const earlierRuns = 300;

/** Follows one variant through the period. Answers come at once and nothing fails: only the plan is compared. */
export function simulate(
  variant: Variant,
  listing: Listing,
  world: readonly WorldMonitor[],
  period: Period,
): Outcome {
  const monitors = world.map((monitor) => new FollowedMonitor(monitor, period, variant.awaitsRuns));
  let listings = 0;
  let eventCycles = 0;
  let events = 0;
  let lastListingMs = Number.NEGATIVE_INFINITY;
  for (let nowMs = period.startMs; nowMs < period.endMs; nowMs += period.cycleMs) {
    const counted = nowMs >= period.countFromMs;
    const lists = variant.listingEveryMs === null || nowMs - lastListingMs >= variant.listingEveryMs;
    if (lists) lastListingMs = nowMs;
    if (lists && counted) listings += 1;
    if (variant.listingEveryMs !== null && counted) eventCycles += 1;
    for (const monitor of monitors) {
      const listed = listedMonitor(monitor.world, listing, nowMs);
      const named = variant.listingEveryMs === null ? 0 : monitor.countEvents(nowMs - period.cycleMs, nowMs);
      if (counted) events += named;
      const decision = lists ? variant.decide(listed, monitor.knowledge(), nowMs) : 'skip';
      if (decision !== 'skip') monitor.walk(listed, decision === 'full', nowMs);
      else if (named > 0) monitor.walk(listed, false, nowMs);
      else monitor.askForOpenRuns(nowMs);
    }
  }
  return {
    variant: variant.name,
    monitorRequests: monitors.reduce((sum, { requests }) => sum + requests, 0),
    listings,
    eventCycles,
    events,
    runs: monitors.reduce((sum, { runs }) => sum + runs, 0),
    delaysMs: monitors.flatMap(({ delaysMs }) => delaysMs),
  };
}

/** One monitor as a variant of the plan knows it, and what that costs. */
class FollowedMonitor {
  readonly world: WorldMonitor;
  readonly #period: Period;
  readonly #awaitsRuns: boolean;
  #knowledge: Knowledge = {
    checkpoint: null,
    openRuns: 0,
    lastWalkMs: Number.NEGATIVE_INFINITY,
  };
  #stored = 0;
  #open: WorldRun[] = [];
  requests = 0;
  runs = 0;
  readonly delaysMs: number[] = [];

  constructor(world: WorldMonitor, period: Period, awaitsRuns: boolean) {
    this.world = world;
    this.#period = period;
    this.#awaitsRuns = awaitsRuns;
  }

  knowledge(): Knowledge {
    return this.#knowledge;
  }

  /** Events of the API about this monitor: each run that was created, each that completed. */
  countEvents(fromMs: number, nowMs: number): number {
    const within = (atMs: number): boolean => atMs > fromMs && atMs <= nowMs;
    const recent = this.world.runs.slice(Math.max(0, this.#stored - 3), countRuns(this.world, nowMs));
    return recent.reduce(
      (sum, run) => sum + Number(within(run.createdMs)) + Number(run.completes && within(run.endedMs)),
      0,
    );
  }

  walk(listed: Monitor, full: boolean, nowMs: number): void {
    const count = countRuns(this.world, nowMs);
    this.#spend(full ? Math.ceil((earlierRuns + count) / pageSize) : 1, nowMs);
    for (const run of this.world.runs.slice(this.#stored, count)) {
      if (run.createdMs >= this.#period.countFromMs) this.runs += 1;
      this.#noteDelay(run.createdMs, nowMs);
      this.#open.push(run);
    }
    this.#stored = count;
    this.#settle(nowMs);
    const newest = this.world.runs[count - 1];
    const newestRun = newest === undefined ? null : runAsOf(newest, nowMs);
    const before = this.#knowledge.checkpoint;
    const awaited = awaitedRunAt(listed.nextRunAt, before?.nextRunAt ?? null, newestRun, nowMs);
    this.#knowledge = {
      checkpoint: {
        monitorId: this.world.id,
        syncedThrough: newest === undefined ? null : instantOf(newest.createdMs),
        unfinishedWalk: null,
        lastFullWalkAt: full ? instantOf(nowMs) : (before?.lastFullWalkAt ?? null),
        newestRun,
        nextRunAt: this.#awaitsRuns ? awaited : listed.nextRunAt,
        lastWalkAt: instantOf(nowMs),
        rose: false,
        lookAgain: false,
        notFoundOnce: [],
        consecutiveFailures: 0,
      },
      openRuns: this.#open.length,
      lastWalkMs: nowMs,
    };
  }

  askForOpenRuns(nowMs: number): void {
    if (this.#open.length === 0) return;
    this.#spend(this.#open.length, nowMs);
    this.#settle(nowMs);
    this.#knowledge = { ...this.#knowledge, openRuns: this.#open.length };
  }

  /** Takes the runs that have ended out of the open ones. */
  #settle(nowMs: number): void {
    const ended = this.#open.filter(({ endedMs }) => endedMs <= nowMs);
    for (const { endedMs } of ended) this.#noteDelay(endedMs, nowMs);
    this.#open = this.#open.filter(({ endedMs }) => endedMs > nowMs);
  }

  #spend(requests: number, nowMs: number): void {
    if (nowMs >= this.#period.countFromMs) this.requests += requests;
  }

  #noteDelay(happenedMs: number, nowMs: number): void {
    const { startMs, cycleMs, countFromMs } = this.#period;
    if (happenedMs < countFromMs) return;
    const firstCycleMs = startMs + Math.ceil((happenedMs - startMs) / cycleMs) * cycleMs;
    if (nowMs > firstCycleMs) this.delaysMs.push(nowMs - firstCycleMs);
  }
}
