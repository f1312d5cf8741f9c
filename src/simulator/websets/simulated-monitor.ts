import type { CadenceCalendar } from './cadence.ts';
import { runAsOf, servedRun } from './run-lifecycle.ts';
import type { RunPlan } from './run-lifecycle.ts';
import { KeptMonitor } from '../state/kept-monitor.ts';
import type { RunHistory } from '../state/run-history.ts';
import { toInstant } from '../state/instant.ts';
import { encodeRecord } from '../state/json-record.ts';
import type { JsonValue, Overlay } from '../state/json-record.ts';
import type { Behavior, Cadence, MonitorStatus, ServedMonitor } from './wire.ts';

/** What a monitor's `lastRun` shows. Null `lastRun` of a single monitor: an overlay. */
export type LastRunShown =
  | 'newest'
  | 'null'
  /** A run that no listing has. */
  | 'wrong'
  /** The newest run as it was some time ago. */
  | { readonly lateByMs: number }
  /** The run so many runs before the newest. */
  | { readonly lateByRuns: number };

export interface MonitorSettings {
  readonly id: string;
  readonly websetId: string;
  readonly status: MonitorStatus;
  readonly cadence: Cadence;
  readonly behavior: Behavior;
  readonly metadata: { readonly [key: string]: string };
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Whether the cadence starts runs; without, it only shows in `nextRunAt`. */
  readonly firesOnSchedule: boolean;
  readonly overlay: Overlay | null;
}

/** What a scheduled run will be. `ordinal` counts the monitor's scheduled runs from 0. */
export type ScheduledRunPlanner = (firedAtMs: number, ordinal: number) => RunPlan;

/** One Websets monitor and its runs, which its cadence starts. */
export class SimulatedMonitor extends KeptMonitor<RunPlan> {
  readonly #calendar: CadenceCalendar;
  readonly #planScheduledRun: ScheduledRunPlanner;
  #settings: MonitorSettings;
  #scheduledThroughMs: number;
  #nextFireMs: number | null = null;
  #scheduledRuns = 0;

  constructor(
    settings: MonitorSettings,
    parts: {
      history: RunHistory<RunPlan>;
      calendar: CadenceCalendar;
      planScheduledRun: ScheduledRunPlanner;
      nowMs: number;
    },
  ) {
    super(parts.history);
    this.#settings = settings;
    this.#calendar = parts.calendar;
    this.#planScheduledRun = parts.planScheduledRun;
    // A monitor with a past gets no scheduled runs for it: its history says what happened then.
    this.#scheduledThroughMs = Math.max(settings.createdAtMs, parts.nowMs);
    this.#findNextFire();
  }

  override get settings(): MonitorSettings {
    return this.#settings;
  }

  change(changes: Partial<Omit<MonitorSettings, 'id'>>, nowMs: number): void {
    this.catchUp(nowMs);
    this.#settings = { ...this.#settings, updatedAtMs: nowMs, ...changes };
    this.#scheduledThroughMs = Math.max(this.#scheduledThroughMs, nowMs);
    this.#findNextFire();
  }

  override catchUp(nowMs: number): void {
    while (this.#nextFireMs !== null && this.#nextFireMs <= nowMs) {
      this.#scheduledThroughMs = this.#nextFireMs;
      if (this.#settings.firesOnSchedule) {
        this.history.add(this.#planScheduledRun(this.#nextFireMs, this.#scheduledRuns));
        this.#scheduledRuns += 1;
      }
      this.#findNextFire();
    }
  }

  /** The documented record, without its overlay. */
  asOf(nowMs: number, shown: LastRunShown): ServedMonitor {
    this.catchUp(nowMs);
    const { id, status, websetId, cadence, behavior, metadata, createdAtMs, updatedAtMs } = this.#settings;
    return {
      id,
      object: 'monitor',
      status,
      websetId,
      cadence,
      behavior,
      lastRun: this.#lastRun(nowMs, shown),
      nextRunAt: this.#nextFireMs === null ? null : toInstant(this.#nextFireMs),
      metadata,
      createdAt: toInstant(createdAtMs),
      updatedAt: toInstant(updatedAtMs),
    };
  }

  /** The record as the text that travels. */
  encode(nowMs: number, shown: LastRunShown): string {
    return encodeRecord(this.asOf(nowMs, shown), this.#settings.overlay);
  }

  #findNextFire(): void {
    this.#nextFireMs =
      this.#settings.status === 'enabled'
        ? this.#calendar.nextAfter(this.#settings.cadence, this.#scheduledThroughMs)
        : null;
  }

  #lastRun(nowMs: number, shown: LastRunShown): JsonValue {
    const { id } = this.#settings;
    const lateByMs = typeof shown === 'object' && 'lateByMs' in shown ? shown.lateByMs : 0;
    const lateByRuns = typeof shown === 'object' && 'lateByRuns' in shown ? shown.lateByRuns : 0;
    const seenMs = nowMs - lateByMs;
    const index = this.countRuns(seenMs) - 1 - lateByRuns;
    if (shown === 'null' || index < 0) {
      return null;
    }
    const plan = this.history.asOf(index, seenMs);
    return shown === 'wrong'
      ? { ...runAsOf(plan, id, seenMs), id: `${plan.id}_never_listed` }
      : servedRun(plan, id, seenMs);
  }
}
