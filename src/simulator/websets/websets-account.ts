import type { CursorStyle } from '../answers/paging.ts';
import type { RunOrder } from '../answers/list-order.ts';
import type { Clock } from '../state/clock.ts';
import type { JsonValue, Overlay } from '../state/json-record.ts';
import { MonitorBook } from '../state/monitor-book.ts';
import { createRandom, randomLetters } from '../state/random.ts';
import { noRuns, RunHistory } from '../state/run-history.ts';
import type { RunSource } from '../state/run-history.ts';
import { createCadenceCalendar } from './cadence.ts';
import { planNewRun, runAsOf, servedRun } from './run-lifecycle.ts';
import type { NewRun, RunOutcome, RunPlan } from './run-lifecycle.ts';
import { SimulatedMonitor } from './simulated-monitor.ts';
import type { LastRunShown, MonitorSettings, ScheduledRunPlanner } from './simulated-monitor.ts';
import type { Cadence, FinalStatus, ServedMonitor, ServedRun } from './wire.ts';

/** What Exa does not document and a client may not rely on; can be changed at any time. */
export interface AccountQuirks {
  runOrder: RunOrder;
  cursors: CursorStyle;
  /** Of the list of monitors, where it differs. */
  monitorCursors?: CursorStyle;
  lastRun: LastRunShown;
}

export interface WebsetsAccountOptions {
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
  readonly runs?: RunSource<RunPlan>;
  /** Default: a search that runs 5 s after its creation and completes a minute after it. */
  readonly planScheduledRun?: ScheduledRunPlanner;
}

export type MonitorChanges = Partial<
  Pick<MonitorSettings, 'status' | 'websetId' | 'behavior' | 'metadata' | 'updatedAtMs' | 'overlay'>
> & { readonly cadence?: Cadence };

/**
 * The Websets side of an account: monitors, their runs, and a clock that both follow. The methods that change it take
 * effect at once; those that read it answer exactly what the API would serve at this instant.
 */
export class WebsetsAccount extends MonitorBook<RunPlan, SimulatedMonitor> {
  readonly quirks: AccountQuirks;
  /** Whom the key belongs to; null: the API has no such path. */
  team: { readonly id: string; readonly name: string } | null = { id: 'team_1', name: 'Simulated team' };
  readonly #calendar = createCadenceCalendar();
  readonly #random: () => number;

  constructor(options: WebsetsAccountOptions) {
    super(options.clock);
    this.quirks = { runOrder: 'descending', cursors: 'keyset', lastRun: 'newest', ...options.quirks };
    this.#random = createRandom(options.seed ?? 1);
  }

  /** @returns the monitor's id. */
  addMonitor(monitor: NewMonitor = {}): string {
    const { runs = noRuns, planScheduledRun = this.#planPlainRun, ...given } = monitor;
    const nowMs = this.clock.now();
    const id = given.id ?? `monitor_${randomLetters(this.#random)}`;
    const parts = { history: new RunHistory(runs), calendar: this.#calendar, planScheduledRun, nowMs };
    this.keep(new SimulatedMonitor(completeSettings(given, id, nowMs), parts));
    return id;
  }

  updateMonitor(monitorId: string, changes: MonitorChanges): void {
    this.get(monitorId).change(changes, this.clock.now());
  }

  /** @returns the run's id. */
  addRun(monitorId: string, run: NewRun = {}): string {
    const plan = planNewRun(run, this.#newRunId(), this.clock.now());
    this.addPlan(monitorId, plan);
    return plan.id;
  }

  /** Ends a run now, or at an instant of the caller's choice. */
  finishRun(
    monitorId: string,
    runId: string,
    end: Partial<RunOutcome> & { readonly status: FinalStatus },
  ): void {
    const outcome = { atMs: this.clock.now(), failedReason: null, ...end };
    this.replaceRun(monitorId, runId, (plan) => ({ ...plan, outcome }));
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
    return this.runPlans(monitorId).map((plan) => runAsOf(plan, monitorId, nowMs));
  }

  /** Every run of a monitor exactly as it is served, newest first. */
  servedRuns(monitorId: string): JsonValue[] {
    const nowMs = this.clock.now();
    return this.runPlans(monitorId).map((plan) => servedRun(plan, monitorId, nowMs));
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
