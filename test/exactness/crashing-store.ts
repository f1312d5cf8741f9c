import type { CycleStore, OpenCycle } from '../../src/sync/ports.ts';

/** The end of a process that runs in this one. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

export interface Crash {
  readonly atWrite: number;
  /** The write is not done, or it is done and nobody learns of it. */
  readonly when: 'before' | 'after';
}

/** Told of each write that was committed, with its arguments. */
export type OnCommitted = <K extends keyof OpenCycle>(
  write: K,
  args: OpenCycle[K] extends (...given: infer A) => unknown ? A : never,
  cycleId: number,
) => void;

/** A store whose process dies at one of its writes: from then on nothing is written, and nothing is closed. */
export class CrashingStore {
  readonly #store: CycleStore;
  readonly #crashes: readonly Crash[];
  readonly #onCommitted: OnCommitted;
  readonly #underWay = new Set<Promise<unknown>>();
  #writes = 0;
  dead = false;

  constructor(store: CycleStore, crashes: readonly Crash[], onCommitted: OnCommitted) {
    this.#store = store;
    this.#crashes = crashes;
    this.#onCommitted = onCommitted;
  }

  asStore(): CycleStore {
    return {
      loadMonitorStates: () => this.#store.loadMonitorStates(),
      openCycle: async (trigger, startedAt) => this.#watch(await this.#store.openCycle(trigger, startedAt)),
    };
  }

  /** What was sent to the database before the process died may still be done there. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  #watch(cycle: OpenCycle): OpenCycle {
    const write =
      <A extends unknown[], R>(name: keyof OpenCycle, act: (...args: A) => Promise<R>) =>
      (...args: A): Promise<R> =>
        this.#write(
          () => act(...args),
          // The name belongs to the act, which the types of one signature for all cannot say.
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion
          () => this.#onCommitted(name, args as never, cycle.id),
        );
    return {
      id: cycle.id,
      lockLost: cycle.lockLost,
      findUnlistedMonitors: (listed) => cycle.findUnlistedMonitors(listed),
      countRejectedRuns: () => cycle.countRejectedRuns(),
      saveMonitors: write('saveMonitors', cycle.saveMonitors),
      markMonitorsAbsent: write('markMonitorsAbsent', cycle.markMonitorsAbsent),
      savePage: write('savePage', cycle.savePage),
      saveRun: write('saveRun', cycle.saveRun),
      saveRejectedRun: write('saveRejectedRun', cycle.saveRejectedRun),
      markRunsAbsent: write('markRunsAbsent', cycle.markRunsAbsent),
      forgetUnfinishedWalk: write('forgetUnfinishedWalk', cycle.forgetUnfinishedWalk),
      recordMonitorFailure: write('recordMonitorFailure', cycle.recordMonitorFailure),
      close: write('close', cycle.close),
    };
  }

  async #write<R>(act: () => Promise<R>, onCommitted: () => void): Promise<R> {
    this.#requireLife();
    this.#writes += 1;
    const crash = this.#crashes.find(({ atWrite }) => atWrite === this.#writes);
    if (crash?.when === 'before') this.dead = true;
    this.#requireLife();
    const done = act().then((result) => {
      onCommitted();
      return result;
    });
    this.#underWay.add(done);
    const result = await done.finally(() => this.#underWay.delete(done));
    if (crash?.when === 'after') this.dead = true;
    this.#requireLife();
    return result;
  }

  #requireLife(): void {
    if (this.dead) throw new CrashError('the process is dead');
  }
}
