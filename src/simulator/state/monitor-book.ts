import type { Clock } from './clock.ts';
import type { KeptMonitor } from './kept-monitor.ts';
import type { PlannedRun } from './run-history.ts';
import { countUpTo, rankOf } from './sort-key.ts';
import type { KeyedList, SortKey } from './sort-key.ts';

/** The monitors of one API and their runs, with all that can be done to them whichever API it is. */
export class MonitorBook<P extends PlannedRun, M extends KeptMonitor<P>> {
  readonly clock: Clock;
  readonly #byId = new Map<string, M>();
  /** In ascending order of their keys. */
  readonly #ordered: { readonly key: SortKey; readonly monitor: M }[] = [];
  #nextSeq = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  deleteMonitor(monitorId: string): void {
    const monitor = this.get(monitorId);
    this.#byId.delete(monitorId);
    const index = this.#ordered.findIndex((entry) => entry.monitor === monitor);
    this.#ordered.splice(index, 1);
  }

  /** Changes a run by hand; `updatedAt` moves to now unless `touchedAtMs` says otherwise. */
  updateRun(monitorId: string, runId: string, changes: Partial<P>): void {
    const touchedAtMs = this.clock.now();
    this.replaceRun(monitorId, runId, (plan) => ({ ...plan, touchedAtMs, ...changes }));
  }

  deleteRun(monitorId: string, runId: string): void {
    const { history } = this.get(monitorId);
    history.remove(indexOfRun(history, monitorId, runId));
  }

  /** From now on the run belongs to another monitor; its `updatedAt` moves to now. */
  moveRun(fromMonitorId: string, runId: string, toMonitorId: string): void {
    const { history } = this.get(fromMonitorId);
    const index = indexOfRun(history, fromMonitorId, runId);
    const moved = { ...history.at(index), touchedAtMs: this.clock.now() };
    this.addPlan(toMonitorId, moved);
    history.remove(index);
  }

  /** Ids of the monitors that exist by now, newest first. */
  monitorIds(): string[] {
    return this.visibleMonitors()
      .map((monitor) => monitor.settings.id)
      .toReversed();
  }

  /** Undefined when it does not exist, or not yet. */
  findMonitor(monitorId: string): M | undefined {
    const monitor = this.#byId.get(monitorId);
    return monitor !== undefined && monitor.settings.createdAtMs <= this.clock.now() ? monitor : undefined;
  }

  /** Monitors that existed at an instant, oldest first, with the keys that their pages are cut by. */
  monitorList(
    seenMs: number = this.clock.now(),
    belongs?: (monitor: M) => boolean,
  ): KeyedList & { monitorAt(index: number): M } {
    const count = countUpTo(this.#keyed(this.#ordered.length), seenMs);
    const entries =
      belongs === undefined
        ? this.#ordered
        : this.#ordered.slice(0, count).filter(({ monitor }) => belongs(monitor));
    const at = (index: number) => entries[index] ?? missing(`monitor at index ${index}`);
    return {
      count: belongs === undefined ? count : entries.length,
      keyAt: (index) => at(index).key,
      monitorAt: (index) => at(index).monitor,
    };
  }

  /** Monitors that exist by now, oldest first. */
  visibleMonitors(): M[] {
    const list = this.monitorList();
    return Array.from({ length: list.count }, (_, index) => list.monitorAt(index));
  }

  /** A monitor with everything that its schedule has started, also one that does not show yet. */
  protected get(monitorId: string): M {
    const monitor = this.#byId.get(monitorId) ?? missing(`monitor ${monitorId}`);
    monitor.catchUp(this.clock.now());
    return monitor;
  }

  protected keep(monitor: M): void {
    const { id, createdAtMs } = monitor.settings;
    if (this.#byId.has(id)) {
      throw new Error(`the account already has a monitor ${id}`);
    }
    this.#byId.set(id, monitor);
    const key = { atMs: createdAtMs, seq: this.#nextSeq };
    this.#nextSeq += 1;
    this.#ordered.splice(rankOf(this.#keyed(this.#ordered.length), key, 'after'), 0, { key, monitor });
  }

  protected addPlan(monitorId: string, plan: P): void {
    const { history } = this.get(monitorId);
    if (history.indexOfId(plan.id) !== -1) {
      throw new Error(`monitor ${monitorId} already has a run ${plan.id}`);
    }
    history.add(plan);
  }

  protected replaceRun(monitorId: string, runId: string, change: (plan: P) => P): void {
    const { history } = this.get(monitorId);
    const index = indexOfRun(history, monitorId, runId);
    history.replace(index, change(history.at(index)), this.clock.now());
  }

  /** Newest first. */
  protected runPlans(monitorId: string): P[] {
    const monitor = this.get(monitorId);
    const count = monitor.countRuns(this.clock.now());
    return Array.from({ length: count }, (_, rank) => monitor.history.at(count - 1 - rank));
  }

  #keyed(count: number): KeyedList {
    return { count, keyAt: (index) => (this.#ordered[index] ?? missing(`monitor at index ${index}`)).key };
  }
}

function indexOfRun(history: { indexOfId(runId: string): number }, monitorId: string, runId: string): number {
  const index = history.indexOfId(runId);
  return index === -1 ? missing(`run ${runId} of monitor ${monitorId}`) : index;
}

function missing(what: string): never {
  throw new Error(`the account has no ${what}`);
}
