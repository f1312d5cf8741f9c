import type { CursorStyle } from '../answers/paging.ts';
import type { RunOrder } from '../answers/list-order.ts';
import type { Clock } from '../state/clock.ts';
import type { JsonValue, Overlay } from '../state/json-record.ts';
import { MonitorBook } from '../state/monitor-book.ts';
import { createRandom, mixSeed, randomLetters } from '../state/random.ts';
import type { Random } from '../state/random.ts';
import { noRuns, RunHistory } from '../state/run-history.ts';
import type { RunSource } from '../state/run-history.ts';
import { createUlid } from '../state/ulid.ts';
import { makeSearchOutput } from './made-up-output.ts';
import { SearchMonitor } from './search-monitor.ts';
import type { SearchMonitorSettings, SearchRunPlanner } from './search-monitor.ts';
import { completeOutcome, planNewSearchRun, searchRunAsOf, servedSearchRun } from './search-run.ts';
import type { NewSearchRun, SearchRunOutcome, SearchRunPlan } from './search-run.ts';
import type { SearchFinalStatus, ServedSearchMonitor, ServedSearchRun } from './wire.ts';

/** What Exa does not document and a client may not rely on; can be changed at any time. */
export interface SearchQuirks {
  /** Documented is `descending`, by what is not said. */
  runOrder: RunOrder;
  monitorOrder: 'descending' | 'ascending';
  cursors: CursorStyle;
  /** Of the list of monitors, where it differs. */
  monitorCursors?: CursorStyle;
  /** What `nextCursor` is where a list ends. `either`: in turn. */
  lastCursor: 'null' | 'missing' | 'either';
  /** Whether a list of runs shows what they found; asked for by id, a run always shows it. */
  listedOutputs: 'whole' | 'missing';
}

/** What a caller says of a new monitor; the rest is filled in. */
export interface NewSearchMonitor extends Partial<SearchMonitorSettings> {
  /** Runs that exist already. */
  readonly runs?: RunSource<SearchRunPlan>;
  /** Default: a run that completes after 20 s with a made-up output. */
  readonly planRun?: SearchRunPlanner;
}

export type SearchMonitorChanges = Partial<Omit<SearchMonitorSettings, 'id' | 'createdAtMs'>>;

const longestDelayMs = 30 * 60_000;

/** The Search side of an account: what the Websets side is for Websets monitors. */
export class SearchAccount extends MonitorBook<SearchRunPlan, SearchMonitor> {
  readonly quirks: SearchQuirks;
  readonly #seed: number;
  readonly #random: Random;

  constructor(options: {
    readonly clock: Clock;
    readonly seed: number;
    readonly quirks?: Partial<SearchQuirks>;
  }) {
    super(options.clock);
    this.quirks = {
      runOrder: 'descending',
      monitorOrder: 'descending',
      cursors: 'keyset',
      lastCursor: 'either',
      listedOutputs: 'whole',
      ...options.quirks,
    };
    this.#seed = options.seed;
    this.#random = createRandom(mixSeed(options.seed, 77));
  }

  /** @returns the monitor's id. */
  addMonitor(monitor: NewSearchMonitor = {}): string {
    const { runs = noRuns, planRun = this.#planPlainRun, ...given } = monitor;
    const nowMs = this.clock.now();
    const settings = this.#completeSettings(given, nowMs);
    this.keep(new SearchMonitor(settings, { history: new RunHistory(runs), planRun, nowMs }));
    return settings.id;
  }

  updateMonitor(monitorId: string, changes: SearchMonitorChanges): void {
    this.get(monitorId).change(changes, this.clock.now());
  }

  /** @returns the run's id. */
  addRun(monitorId: string, run: NewSearchRun = {}): string {
    const plan = this.#plan(run, this.clock.now());
    this.addPlan(monitorId, plan);
    return plan.id;
  }

  /** Ends a run now, or at an instant of the caller's choice. */
  finishRun(
    monitorId: string,
    runId: string,
    end: Partial<SearchRunOutcome> & { readonly status: SearchFinalStatus },
  ): void {
    const outcome = completeOutcome(end, this.clock.now(), this.#makeOutput);
    this.replaceRun(monitorId, runId, (plan) => ({ ...plan, outcome }));
  }

  /** Starts a run by hand; a disabled monitor refuses. @returns whether it was started. */
  triggerRun(monitorId: string): boolean {
    const monitor = this.get(monitorId);
    if (monitor.settings.status === 'disabled') {
      return false;
    }
    monitor.startRun(this.clock.now());
    return true;
  }

  /** Every monitor as documented, newest first. */
  monitors(): ServedSearchMonitor[] {
    const nowMs = this.clock.now();
    return this.visibleMonitors()
      .map((monitor) => monitor.asOf(nowMs))
      .toReversed();
  }

  /** Every run of a monitor as documented, newest first, without overlays. */
  runs(monitorId: string): ServedSearchRun[] {
    const nowMs = this.clock.now();
    return this.runPlans(monitorId).map((plan) => searchRunAsOf(plan, monitorId, nowMs));
  }

  /** Every run of a monitor exactly as it is served, newest first. */
  servedRuns(monitorId: string): JsonValue[] {
    const nowMs = this.clock.now();
    return this.runPlans(monitorId).map((plan) => servedSearchRun(plan, monitorId, nowMs));
  }

  readonly #makeOutput = () => makeSearchOutput(this.#random);

  #plan(run: NewSearchRun, nowMs: number): SearchRunPlan {
    const id = (createdAtMs: number) => createUlid(createdAtMs, this.#random);
    return planNewSearchRun(run, { id, output: this.#makeOutput }, nowMs);
  }

  readonly #planPlainRun: SearchRunPlanner = (createdAtMs) =>
    this.#plan({ createdAtMs, outcome: { status: 'completed', atMs: createdAtMs + 20_000 } }, createdAtMs);

  #completeSettings(given: Partial<SearchMonitorSettings>, nowMs: number): SearchMonitorSettings {
    const createdAtMs = given.createdAtMs ?? nowMs;
    const overlay: Overlay | null = given.overlay ?? null;
    return {
      id: createUlid(createdAtMs, this.#random),
      name: null,
      status: 'active',
      search: { query: 'Latest developments in LLM capabilities' },
      trigger: { type: 'interval', period: '1d' },
      outputSchema: null,
      metadata: null,
      // Whoever has such an address can post to it: a client that stores or prints it has leaked a secret.
      webhook: { url: `https://hooks.example.com/services/T0SIM/B0SIM/${randomLetters(this.#random)}` },
      updatedAtMs: createdAtMs,
      firesOnSchedule: true,
      unscheduledForMs: 60_000,
      lateMs: (ordinal) => mixSeed(this.#seed, Math.floor(createdAtMs), ordinal) % longestDelayMs,
      ...given,
      createdAtMs,
      overlay,
    };
  }
}
