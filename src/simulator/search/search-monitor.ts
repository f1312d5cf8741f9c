import { toInstant } from '../state/instant.ts';
import { encodeRecord } from '../state/json-record.ts';
import type { JsonObject, Overlay } from '../state/json-record.ts';
import { KeptMonitor } from '../state/kept-monitor.ts';
import type { RunHistory } from '../state/run-history.ts';
import type { SearchRunPlan } from './search-run.ts';
import type { Search, SearchMonitorStatus, ServedSearchMonitor, Trigger, Webhook } from './wire.ts';

export interface SearchMonitorSettings {
  readonly id: string;
  readonly name: string | null;
  readonly status: SearchMonitorStatus;
  readonly search: Search;
  readonly trigger: Trigger | null;
  readonly outputSchema: JsonObject | null;
  readonly metadata: { readonly [key: string]: string } | null;
  readonly webhook: Webhook;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Whether the trigger starts runs; without, it only shows in `nextRunAt`. */
  readonly firesOnSchedule: boolean;
  /** `nextRunAt` is null so long after the creation, trigger or not. */
  readonly unscheduledForMs: number;
  /** How late the run comes that is due for the `ordinal`th time, counted from 1; Exa allows half an hour. */
  readonly lateMs: (ordinal: number) => number;
  readonly overlay: Overlay | null;
}

/** What the next run will be. `ordinal` counts the monitor's planned runs from 0, those by hand among them. */
export type SearchRunPlanner = (createdAtMs: number, ordinal: number) => SearchRunPlan;

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** One Search monitor and its runs, which its trigger starts at whole periods after its creation. */
export class SearchMonitor extends KeptMonitor<SearchRunPlan> {
  readonly #planRun: SearchRunPlanner;
  #settings: SearchMonitorSettings;
  /** So many whole periods after the creation the next run is due; null: never. */
  #nextDue: number | null = null;
  #plannedRuns = 0;

  constructor(
    settings: SearchMonitorSettings,
    parts: { history: RunHistory<SearchRunPlan>; planRun: SearchRunPlanner; nowMs: number },
  ) {
    super(parts.history);
    this.#settings = settings;
    this.#planRun = parts.planRun;
    this.#scheduleAfter(parts.nowMs);
  }

  override get settings(): SearchMonitorSettings {
    return this.#settings;
  }

  change(changes: Partial<Omit<SearchMonitorSettings, 'id'>>, nowMs: number): void {
    this.catchUp(nowMs);
    this.#settings = { ...this.#settings, updatedAtMs: nowMs, ...changes };
    this.#scheduleAfter(nowMs);
  }

  override catchUp(nowMs: number): void {
    while (this.#nextDue !== null) {
      const firesAtMs = this.#dueAtMs(this.#nextDue) + this.#settings.lateMs(this.#nextDue);
      if (firesAtMs > nowMs) {
        return;
      }
      if (this.#settings.firesOnSchedule) {
        this.#cancelOpenRuns(firesAtMs);
        this.startRun(firesAtMs);
      }
      this.#nextDue += 1;
    }
  }

  startRun(atMs: number): void {
    this.history.add(this.#planRun(atMs, this.#plannedRuns));
    this.#plannedRuns += 1;
  }

  /** The documented record, without its overlay. */
  asOf(nowMs: number): ServedSearchMonitor {
    this.catchUp(nowMs);
    const { id, name, status, search, trigger, outputSchema, metadata, webhook } = this.#settings;
    const { createdAtMs, updatedAtMs, unscheduledForMs } = this.#settings;
    const isScheduled = this.#nextDue !== null && nowMs >= createdAtMs + unscheduledForMs;
    return {
      id,
      name,
      status,
      search,
      trigger,
      outputSchema,
      metadata,
      webhook,
      nextRunAt: isScheduled ? toInstant(this.#dueAtMs(this.#nextDue ?? 0)) : null,
      createdAt: toInstant(createdAtMs),
      updatedAt: toInstant(updatedAtMs),
    };
  }

  /** The record as the text that travels. */
  encode(nowMs: number): string {
    return encodeRecord(this.asOf(nowMs), this.#settings.overlay);
  }

  #dueAtMs(due: number): number {
    return this.#settings.createdAtMs + due * (this.#periodMs() ?? 0);
  }

  #periodMs(): number | null {
    const { trigger } = this.#settings;
    const [, count, unit = ''] = /^(\d+)([a-z]+)$/u.exec(trigger?.period ?? '') ?? [];
    const periodMs = Number(count) * (unitMs[unit] ?? Number.NaN);
    return periodMs > 0 ? periodMs : null;
  }

  /** A monitor with a past gets no scheduled runs for it: its history says what happened then. */
  #scheduleAfter(nowMs: number): void {
    const periodMs = this.#periodMs();
    const { status, createdAtMs } = this.#settings;
    this.#nextDue =
      status === 'active' && periodMs !== null
        ? Math.max(0, Math.floor((nowMs - createdAtMs) / periodMs)) + 1
        : null;
  }

  /** A run that is still going when the next one begins is cancelled. */
  #cancelOpenRuns(atMs: number): void {
    for (let index = this.history.count - 1; index >= 0; index -= 1) {
      const plan = this.history.at(index);
      const isOpen = plan.outcome === null || plan.outcome.atMs > atMs;
      if (plan.createdAtMs <= atMs && !isOpen) {
        return;
      }
      if (plan.createdAtMs <= atMs) {
        const outcome = { status: 'cancelled', atMs, failReason: null, output: null } as const;
        this.history.replace(index, { ...plan, outcome }, atMs);
      }
    }
  }
}
