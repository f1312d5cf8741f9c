import pLimit from 'p-limit';
import { gatedSource } from '../cycle-context.ts';
import { CycleGate } from '../cycle-gate.ts';
import { SkipMonitorError } from '../errors.ts';
import { hashFraction } from '../plan/hash-fraction.ts';
import { listMonitors } from '../listing/list-monitors.ts';
import type { ListedMonitor } from '../model.ts';
import type { MonitorSource } from '../ports.ts';
import type { StoredDifference, VerifyReport, VerifyStore } from './verify-ports.ts';
import { verifyRuns } from './verify-runs.ts';
import { differenceOf, MonitorTally, noDifferences, sumDifferences } from './verify-tally.ts';

export interface VerifyInput {
  readonly source: MonitorSource;
  readonly store: VerifyStore;
  /** Only these monitors; null: all. */
  readonly only: ReadonlySet<string> | null;
  /** Only the runs of so many monitors, chosen by the seed; null: of all. */
  readonly sample: { readonly size: number; readonly seed: number } | null;
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Told of each monitor whose runs have been compared. */
  readonly observe: (progress: { readonly verified: number; readonly of: number }) => void;
}

/**
 * Reads the API again through the code of the walks and compares it with the warehouse, without writing.
 * @throws what ends a cycle: StopCycleError, InterruptedError, the store's errors. What cannot be read of one monitor is
 * in the report.
 */
export async function verifyWarehouse(input: VerifyInput): Promise<VerifyReport> {
  const gate = new CycleGate(input.concurrency, input.signal);
  const source = gatedSource(input.source, gate);
  const verification = new Verification({ ...input, source }, gate);
  const monitors = await verification.compareListing();
  await verification.compareRuns(chooseSample(monitors, input.sample));
  return verification.report(monitors.length);
}

/** Those whose hash with the seed is smallest: the same seed chooses the same monitors. */
function chooseSample(
  monitors: readonly ListedMonitor[],
  sample: VerifyInput['sample'],
): readonly ListedMonitor[] {
  if (sample === null) return monitors;
  const place = ({ id }: ListedMonitor): number => hashFraction(`${sample.seed} ${id}`);
  return monitors.toSorted((a, b) => place(a) - place(b)).slice(0, sample.size);
}

class Verification {
  readonly #input: VerifyInput;
  readonly #gate: CycleGate;
  readonly #tallies = new Map<string, MonitorTally>();
  readonly #unlisted: string[] = [];

  constructor(input: VerifyInput, gate: CycleGate) {
    this.#input = input;
    this.#gate = gate;
  }

  /** Compares the monitors themselves. @returns those that the API has. */
  async compareListing(): Promise<readonly ListedMonitor[]> {
    const { source, store, only } = this.#input;
    const suspects: StoredDifference[] = [];
    const listing = await listMonitors(source, only, async (page) => {
      // Without the store's answer the rest of the listing would be asked for in vain.
      suspects.push(...(await this.#orStop(() => store.compareMonitors(page))));
    });
    for (const { id, reason } of listing.unreadable) {
      if (only === null || (id !== null && only.has(id)))
        this.#tally(id ?? '(unreadable)').fail(new Error(reason));
    }
    const listed = new Set([...listing.monitors, ...listing.unreadable].flatMap(({ id }) => id ?? []));
    for (const id of only ?? []) {
      if (listed.has(id)) continue;
      this.#tally(id).fail(new Error(`monitor ${id}: the API does not list it`));
      this.#unlisted.push(id);
    }
    await this.#all(suspects, ({ id }) => this.#confirmMonitor(id));
    if (only === null) {
      const stored = await store.loadMonitorIds();
      await this.#all(
        stored.filter((id) => !listed.has(id)),
        (id) => this.#confirmMonitor(id),
      );
    }
    return listing.monitors;
  }

  async compareRuns(monitors: readonly ListedMonitor[]): Promise<void> {
    const { observe } = this.#input;
    let verified = 0;
    await this.#all(monitors, async ({ id }) => {
      await this.#forMonitor(id, (tally) => verifyRuns(this.#input, id, tally));
      this.#tally(id).forgetIds();
      verified += 1;
      observe({ verified, of: monitors.length });
    });
  }

  report(monitorsCompared: number): VerifyReport {
    const tallies = [...this.#tallies.values()];
    const findings = tallies.flatMap((tally) => tally.finding() ?? []);
    const monitors = noDifferences();
    for (const { monitor } of findings) if (monitor !== null) monitors[monitor.kind] += 1;
    return {
      equal: findings.length === 0,
      monitorsCompared,
      monitorsFailed: tallies.filter(({ failed }) => failed).length,
      runsCompared: tallies.reduce((sum, { runsCompared }) => sum + runsCompared, 0),
      monitors,
      runs: sumDifferences(findings.map(({ runs }) => runs)),
      findings,
      unlisted: this.#unlisted,
    };
  }

  /** Asks for a monitor by id, first the API and then the warehouse, before its difference counts. */
  async #confirmMonitor(monitorId: string): Promise<void> {
    await this.#forMonitor(monitorId, async (tally) => {
      const { source, store } = this.#input;
      const monitor = await source.getMonitor(monitorId);
      if (monitor !== null) {
        for (const still of await store.compareMonitors([monitor])) tally.monitorDiffers(differenceOf(still));
      } else if ((await store.loadMonitorIds()).includes(monitorId)) {
        tally.monitorDiffers({ kind: 'extra', id: monitorId, columns: [] });
      }
    });
  }

  async #forMonitor(monitorId: string, work: (tally: MonitorTally) => Promise<void>): Promise<void> {
    const tally = this.#tally(monitorId);
    try {
      await work(tally);
    } catch (error) {
      if (!(error instanceof SkipMonitorError)) throw error;
      tally.fail(error);
    }
  }

  #tally(monitorId: string): MonitorTally {
    const tally = this.#tallies.get(monitorId) ?? new MonitorTally(monitorId);
    this.#tallies.set(monitorId, tally);
    return tally;
  }

  /** Several at once; the first error that is not one monitor's own keeps the others from going on. */
  async #all<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    const limit = pLimit(this.#input.concurrency);
    const all = items.map((item) =>
      limit(() =>
        this.#orStop(() => {
          this.#gate.throwIfStopped();
          return work(item);
        }),
      ),
    );
    await Promise.all(all);
  }

  /** Whatever else is under way ends at its next request when this fails. */
  async #orStop<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#gate.stop(error);
      throw error;
    }
  }
}
