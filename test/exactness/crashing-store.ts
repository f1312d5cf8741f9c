import type { Run } from '../../src/sync/model.ts';
import type {
  CycleStore,
  OpenCycle,
  PageToSave,
  SavedPage,
  SavedRuns,
  SourceCycle,
} from '../../src/sync/ports.ts';

/** The end of a process that runs in this one. */
class CrashError extends Error {
  override readonly name = 'CrashError';
}

export interface Crash {
  readonly atWrite: number;
  /** The write is not done, or it is done and nobody learns of it. */
  readonly when: 'before' | 'after';
}

/** Told of what was committed, and of what failed and may have been committed all the same: `saved` is null then. */
export interface CommitObserver {
  beforeWrite(ordinal: number): void;
  pageWritten(sourceId: number, page: PageToSave, saved: SavedPage | null): void;
  runWritten(sourceId: number, run: Run, answer: number, saved: SavedRuns | null): void;
}

const nobody: CommitObserver = {
  beforeWrite: () => undefined,
  pageWritten: () => undefined,
  runWritten: () => undefined,
};

/** A store whose process dies at one of its writes: from then on nothing is written, and nothing is closed. */
export class CrashingStore {
  readonly #store: CycleStore;
  readonly #crashes: readonly Crash[];
  readonly #observer: CommitObserver;
  readonly #underWay = new Set<Promise<unknown>>();
  #writes = 0;
  dead = false;

  constructor(store: CycleStore, crashes: readonly Crash[], observer: CommitObserver = nobody) {
    this.#store = store;
    this.#crashes = crashes;
    this.#observer = observer;
  }

  asStore(): CycleStore {
    return {
      ensureSources: (keys) => this.#store.ensureSources(keys),
      loadMonitorStates: (sourceId) => this.#store.loadMonitorStates(sourceId),
      openCycle: async (...wish) => this.#watch(await this.#store.openCycle(...wish)),
    };
  }

  /** What was sent to the database before the process died may still be done there. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  #watch(cycle: OpenCycle): OpenCycle {
    return {
      id: cycle.id,
      numbersRaised: cycle.numbersRaised,
      lockLost: cycle.lockLost,
      source: (sourceId) => this.#watchSource(cycle.source(sourceId), sourceId),
      close: (outcome, finishedAt) => this.#write(() => cycle.close(outcome, finishedAt)),
    };
  }

  #watchSource(cycle: SourceCycle, sourceId: number): SourceCycle {
    const write = <R>(act: () => Promise<R>, tell?: (result: R | null) => void): Promise<R> =>
      this.#write(act, tell);
    return {
      access: cycle.access,
      dueTimes: cycle.dueTimes,
      findUnlistedMonitors: (listed) => cycle.findUnlistedMonitors(listed),
      findWithoutOutput: (runIds) => cycle.findWithoutOutput(runIds),
      countRejectedRuns: () => cycle.countRejectedRuns(),
      saveMonitors: (monitors) => write(() => cycle.saveMonitors(monitors)),
      markMonitorsAbsent: (monitorIds) => write(() => cycle.markMonitorsAbsent(monitorIds)),
      savePage: (page) =>
        write(
          () => cycle.savePage(page),
          (saved) => this.#observer.pageWritten(sourceId, page, saved),
        ),
      saveRun: (run, answer) =>
        write(
          () => cycle.saveRun(run, answer),
          (saved) => this.#observer.runWritten(sourceId, run, answer, saved),
        ),
      saveRejectedRun: (rejected) => write(() => cycle.saveRejectedRun(rejected)),
      markRunsAbsent: (monitorId, runIds, answer) =>
        write(() => cycle.markRunsAbsent(monitorId, runIds, answer)),
      saveNotFoundOnce: (monitorId, runIds) => write(() => cycle.saveNotFoundOnce(monitorId, runIds)),
      forgetClaims: (monitorId) => write(() => cycle.forgetClaims(monitorId)),
      forgetLookAgain: (monitorId) => write(() => cycle.forgetLookAgain(monitorId)),
      forgetUnfinishedWalk: (monitorId) => write(() => cycle.forgetUnfinishedWalk(monitorId)),
      recordMonitorFailure: (monitorId, reason) => write(() => cycle.recordMonitorFailure(monitorId, reason)),
      recordReadable: (at) => write(() => cycle.recordReadable(at)),
      recordUnavailable: (reason, at) => write(() => cycle.recordUnavailable(reason, at)),
    };
  }

  async #write<R>(act: () => Promise<R>, tell?: (result: R | null) => void): Promise<R> {
    this.#requireLife();
    this.#writes += 1;
    this.#observer.beforeWrite(this.#writes);
    const crash = this.#crashes.find(({ atWrite }) => atWrite === this.#writes);
    if (crash?.when === 'before') this.dead = true;
    this.#requireLife();
    const done = this.#track(act, tell);
    this.#underWay.add(done);
    const result = await done.finally(() => this.#underWay.delete(done));
    if (crash?.when === 'after') this.dead = true;
    this.#requireLife();
    return result;
  }

  async #track<R>(act: () => Promise<R>, tell?: (result: R | null) => void): Promise<R> {
    try {
      const result = await act();
      tell?.(result);
      return result;
    } catch (error) {
      tell?.(null);
      throw error;
    }
  }

  #requireLife(): void {
    if (this.dead) throw new CrashError('the process is dead');
  }
}
