import { createCadenceCalendar } from '../websets/cadence.ts';
import type { Clock } from '../state/clock.ts';
import { createRandom, randomLetters } from '../state/random.ts';
import { noRuns, RunHistory } from '../state/run-history.ts';
import type { RunSource } from '../state/run-history.ts';
import { planNewRun, runAsOf, servedRun } from '../websets/run-lifecycle.ts';
import type { NewRun, RunOutcome, RunPlan } from '../websets/run-lifecycle.ts';
import { SimulatedMonitor } from '../websets/simulated-monitor.ts';
import type { LastRunShown, MonitorSettings, ScheduledRunPlanner } from '../websets/simulated-monitor.ts';
import { countUpTo, rankOf } from '../state/sort-key.ts';
import type { KeyedList, SortKey } from '../state/sort-key.ts';
import type { JsonValue, Overlay } from '../state/json-record.ts';
import type { Cadence, FinalStatus, ServedMonitor, ServedRun } from '../websets/wire.ts';

/** What Exa does not document and a client may not rely on; can be changed at any time. */
export interface AccountQuirks {
  runOrder: 'descending' | 'ascending';
  cursors: 'keyset' | 'offset';
  lastRun: LastRunShown;
}

export interface AccountOptions {
  readonly clock: Clock;
  /** Of the ids that are made up. */
  readonly seed?: number;
  readonly quirks?: Partial<AccountQuirks>;
}

/** What a caller says of a new monitor; the rest is filled in. */
export interface NewMonitor extends Partial<Omit<MonitorSettings, 'cadence' | 'overlay'>> {
  readonly cadence?: { readonly cron: string; readonly timezone?: string };
  readonly overlay?: Overlay;
  /** Runs that exist already. */
  readonly runs?: RunSource;
  /** Default: a search that runs 5 s after its creation and completes a minute after it. */
  readonly planScheduledRun?: ScheduledRunPlanner;
}

export type MonitorChanges = Partial<
  Pick<MonitorSettings, 'status' | 'websetId' | 'behavior' | 'metadata' | 'updatedAtMs' | 'overlay'>
> & { readonly cadence?: Cadence };

/**
 * A made-up Exa account: monitors, their runs, and a clock that both follow. The methods that change it take effect
 * at once; those that read it answer exactly what the API would serve at this instant.
 */
export class SimulatedAccount {
  readonly clock: Clock;
  readonly quirks: AccountQuirks;
  readonly #calendar = createCadenceCalendar();
  readonly #random: () => number;
  readonly #byId = new Map<string, SimulatedMonitor>();
  /** In ascending order of their keys. */
  readonly #ordered: { readonly key: SortKey; readonly monitor: SimulatedMonitor }[] = [];
  #nextSeq = 0;

  constructor(options: AccountOptions) {
    this.clock = options.clock;
    this.quirks = { runOrder: 'descending', cursors: 'keyset', lastRun: 'newest', ...options.quirks };
    this.#random = createRandom(options.seed ?? 1);
  }

  /** @returns the monitor's id. */
  addMonitor(monitor: NewMonitor = {}): string {
    const { runs = noRuns, planScheduledRun, ...given } = monitor;
    const nowMs = this.clock.now();
    const id = given.id ?? `monitor_${randomLetters(this.#random)}`;
    if (this.#byId.has(id)) {
      throw new Error(`the account already has a monitor ${id}`);
    }
    const settings = completeSettings(given, id, nowMs);
    const added = new SimulatedMonitor(settings, {
      history: new RunHistory(runs),
      calendar: this.#calendar,
      planScheduledRun: planScheduledRun ?? this.#planPlainRun,
      nowMs,
    });
    this.#byId.set(id, added);
    const key = { atMs: settings.createdAtMs, seq: this.#nextSeq };
    this.#nextSeq += 1;
    this.#ordered.splice(rankOf(this.#keyed(this.#ordered.length), key, 'after'), 0, { key, monitor: added });
    return id;
  }

  updateMonitor(monitorId: string, changes: MonitorChanges): void {
    this.#get(monitorId).change(changes, this.clock.now());
  }

  deleteMonitor(monitorId: string): void {
    const monitor = this.#get(monitorId);
    this.#byId.delete(monitorId);
    const index = this.#ordered.findIndex((entry) => entry.monitor === monitor);
    this.#ordered.splice(index, 1);
  }

  /** @returns the run's id. */
  addRun(monitorId: string, run: NewRun = {}): string {
    const { history } = this.#get(monitorId);
    if (run.id !== undefined && history.indexOfId(run.id) !== -1) {
      throw new Error(`monitor ${monitorId} already has a run ${run.id}`);
    }
    const plan = planNewRun(run, this.#newRunId(), this.clock.now());
    history.add(plan);
    return plan.id;
  }

  /** Ends a run now, or at an instant of the caller's choice. */
  finishRun(
    monitorId: string,
    runId: string,
    end: { readonly status: FinalStatus; readonly atMs?: number; readonly failedReason?: string },
  ): void {
    const outcome: RunOutcome = {
      status: end.status,
      atMs: end.atMs ?? this.clock.now(),
      failedReason: end.failedReason ?? null,
    };
    this.#replaceRun(monitorId, runId, (plan) => ({ ...plan, outcome }));
  }

  /** Changes a run by hand; `updatedAt` moves to now unless `touchedAtMs` says otherwise. */
  updateRun(monitorId: string, runId: string, changes: Partial<RunPlan>): void {
    const touchedAtMs = this.clock.now();
    this.#replaceRun(monitorId, runId, (plan) => ({ ...plan, touchedAtMs, ...changes }));
  }

  deleteRun(monitorId: string, runId: string): void {
    const { history } = this.#get(monitorId);
    history.remove(indexOfRun(history, monitorId, runId));
  }

  /** Ids of the monitors that exist by now, newest first. */
  monitorIds(): string[] {
    return this.visibleMonitors()
      .map((monitor) => monitor.settings.id)
      .toReversed();
  }

  /** Every monitor as documented, newest first. */
  monitors(): ServedMonitor[] {
    const nowMs = this.clock.now();
    return this.visibleMonitors()
      .map((monitor) => monitor.asOf(nowMs, this.quirks.lastRun))
      .toReversed();
  }

  /** Every run of a monitor as documented, newest first, without overlays. */
  runs(monitorId: string): ServedRun[] {
    const nowMs = this.clock.now();
    return this.#runPlans(monitorId).map((plan) => runAsOf(plan, monitorId, nowMs));
  }

  /** Every run of a monitor exactly as it is served, newest first. */
  servedRuns(monitorId: string): JsonValue[] {
    const nowMs = this.clock.now();
    return this.#runPlans(monitorId).map((plan) => servedRun(plan, monitorId, nowMs));
  }

  /** Undefined when it does not exist, or not yet. */
  findMonitor(monitorId: string): SimulatedMonitor | undefined {
    const monitor = this.#byId.get(monitorId);
    return monitor !== undefined && monitor.settings.createdAtMs <= this.clock.now() ? monitor : undefined;
  }

  /** Monitors that exist by now, oldest first, with the keys that their pages are cut by. */
  monitorList(websetId?: string): KeyedList & { monitorAt(index: number): SimulatedMonitor } {
    const count = countUpTo(this.#keyed(this.#ordered.length), this.clock.now());
    const entries =
      websetId === undefined
        ? this.#ordered
        : this.#ordered.slice(0, count).filter(({ monitor }) => monitor.settings.websetId === websetId);
    const at = (index: number) => entries[index] ?? missing(`monitor at index ${index}`);
    return {
      count: websetId === undefined ? count : entries.length,
      keyAt: (index) => at(index).key,
      monitorAt: (index) => at(index).monitor,
    };
  }

  /** Monitors that exist by now, oldest first. */
  visibleMonitors(): SimulatedMonitor[] {
    const list = this.monitorList();
    return Array.from({ length: list.count }, (_, index) => list.monitorAt(index));
  }

  #keyed(count: number): KeyedList {
    return { count, keyAt: (index) => (this.#ordered[index] ?? missing(`monitor at index ${index}`)).key };
  }

  #runPlans(monitorId: string): RunPlan[] {
    const monitor = this.#get(monitorId);
    const count = monitor.countRuns(this.clock.now());
    return Array.from({ length: count }, (_, rank) => monitor.history.at(count - 1 - rank));
  }

  #replaceRun(monitorId: string, runId: string, change: (plan: RunPlan) => RunPlan): void {
    const { history } = this.#get(monitorId);
    const index = indexOfRun(history, monitorId, runId);
    history.replace(index, change(history.at(index)));
  }

  /** A monitor with everything that its schedule has started, also one that does not show yet. */
  #get(monitorId: string): SimulatedMonitor {
    const monitor = this.#byId.get(monitorId) ?? missing(`monitor ${monitorId}`);
    monitor.catchUp(this.clock.now());
    return monitor;
  }

  #newRunId(): string {
    return `monitor_run_${randomLetters(this.#random)}`;
  }

  readonly #planPlainRun: ScheduledRunPlanner = (firedAtMs) =>
    planNewRun(
      {
        createdAtMs: firedAtMs,
        startedAtMs: firedAtMs + 5000,
        outcome: { status: 'completed', atMs: firedAtMs + 60_000, failedReason: null },
      },
      this.#newRunId(),
      firedAtMs,
    );
}

export function createSimulatedAccount(options: AccountOptions): SimulatedAccount {
  return new SimulatedAccount(options);
}

function completeSettings(given: NewMonitor, id: string, nowMs: number): MonitorSettings {
  const createdAtMs = given.createdAtMs ?? nowMs;
  return {
    websetId: 'webset_1',
    status: 'enabled',
    behavior: { type: 'search', config: { count: 10, behavior: 'append' } },
    metadata: {},
    updatedAtMs: createdAtMs,
    firesOnSchedule: true,
    ...given,
    id,
    createdAtMs,
    cadence: { cron: '0 6 * * *', timezone: 'Etc/UTC', ...given.cadence },
    overlay: given.overlay ?? null,
  };
}

function indexOfRun(history: RunHistory, monitorId: string, runId: string): number {
  const index = history.indexOfId(runId);
  return index === -1 ? missing(`run ${runId} of monitor ${monitorId}`) : index;
}

function missing(what: string): never {
  throw new Error(`the account has no ${what}`);
}
