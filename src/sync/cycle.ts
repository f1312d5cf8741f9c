import type { CycleOptions } from './cycle-context.ts';
import { CycleGate } from './cycle-gate.ts';
import { StopCycleError, toError } from './errors.ts';
import { instantOf } from './model.ts';
import { endOfCycle, type CycleEnd, type SourceEnd } from './outcome.ts';
import type { CycleObserver } from './cycle-events.ts';
import type {
  Clock,
  CycleOutcome,
  CycleStore,
  MonitorSource,
  OpenCycle,
  SourceIdentity,
  TrafficMeter,
  Trigger,
} from './ports.ts';
import { syncSource } from './sync-source.ts';
import { WantedMonitors } from './listing/wanted-monitors.ts';

/** A source of a cycle. Its answers are numbered by the counter that all sources of the cycle share. */
interface CycleSource {
  readonly identity: SourceIdentity;
  readonly source: MonitorSource & TrafficMeter;
  /** Requests under way at once. */
  readonly concurrency: number;
}

export interface CycleInput {
  readonly sources: readonly CycleSource[];
  readonly store: CycleStore;
  readonly clock: Clock;
  readonly observe: CycleObserver;
  /** Ends the cycle gracefully: pages at hand are committed, nothing new is asked for. */
  readonly signal: AbortSignal;
  readonly trigger: Trigger;
  readonly options: CycleOptions;
}

export interface CycleResult {
  readonly cycleId: number;
  readonly outcome: CycleOutcome;
  readonly durationMs: number;
  /** What ended a cycle that failed; null otherwise. */
  readonly failure: Error | null;
}

/**
 * One execution of the sync over all sources, side by side. Failures of single monitors, of sources and of the cycle as a
 * whole are in the result; what is committed stays, and the next cycle goes on from it.
 * @throws LockHeldError when another cycle runs; the store's error when the cycle could not even be opened.
 */
export async function runCycle(input: CycleInput): Promise<CycleResult> {
  const { store, clock, observe, trigger, options } = input;
  const startedMs = clock.now();
  const asksForAll = options.allSources && options.only === null;
  const cycle = await store.openCycle(trigger, instantOf(startedMs), asksForAll);
  const { numbersRaised } = cycle;
  observe({ type: 'cycle-opened', cycleId: cycle.id, trigger, numbersRaised });
  const { ends, stoppedBy } = await syncSources(input, cycle, startedMs);
  const closed = await closeCycle(input, cycle, ends, stoppedBy);
  const durationMs = clock.now() - startedMs;
  observe({ type: 'cycle-closed', cycleId: cycle.id, outcome: closed.outcome, durationMs });
  return { cycleId: cycle.id, durationMs, ...closed };
}

interface SourcesEnd {
  readonly ends: readonly SourceEnd[];
  /** What stopped all of them; null: nothing did. */
  readonly stoppedBy: Error | null;
}

/** Syncs all sources. One that fails stops alone; what the store throws, or too long a time, stops all of them. */
async function syncSources(input: CycleInput, cycle: OpenCycle, startedMs: number): Promise<SourcesEnd> {
  const { store, clock, observe, options } = input;
  let stoppedBy: Error | null = null;
  // All waiting of a request has an end of its own: to look at the clock before each of them is enough.
  const stopWhenOver = (): void => {
    if (stoppedBy === null && clock.now() - startedMs >= options.longestMs) stopAll(tooLong(options));
  };
  const wanted = new WantedMonitors(options.only, input.sources.length);
  const sources = input.sources.map((entry) => ({
    ...entry,
    cycle: cycle.source(entry.identity.id),
    gate: new CycleGate(entry.concurrency, input.signal, stopWhenOver),
  }));
  // Where there is nothing else to read, an API that was refused is asked each time: the next answer is the way out.
  const hasOther = ({ id, account }: SourceIdentity): boolean =>
    sources.some(
      ({ identity, cycle: { access } }) =>
        identity.id !== id && identity.account === account && access.readableAt !== null,
    );
  const stopAll = (error: Error): void => {
    stoppedBy ??= error;
    for (const { gate } of sources) gate.stop(error);
  };
  const onLockLost = (): void => {
    stopAll(new StopCycleError('the lock was lost with its database connection'));
  };
  if (cycle.lockLost.aborted) onLockLost();
  cycle.lockLost.addEventListener('abort', onLockLost, { once: true });
  const ends = await Promise.all(
    sources.map(({ identity, source, concurrency, gate, cycle: ofSource }) =>
      syncSource({
        identity,
        source,
        concurrency,
        gate,
        store,
        cycle: ofSource,
        mayRest: hasOther(identity),
        clock,
        observe: (news) => observe({ source: identity, ...news }),
        options,
        wanted,
        stopAll,
      }),
    ),
  );
  cycle.lockLost.removeEventListener('abort', onLockLost);
  return { ends, stoppedBy };
}

function tooLong({ longestMs }: CycleOptions): StopCycleError {
  return new StopCycleError(
    `the cycle has taken ${longestMs / 60_000} minutes, which is as long as SYNC_MAX_MINUTES allows: what it has read is kept, and the next one goes on from there`,
  );
}

/** Writes the cycle's record. When the database is gone too, the record stays `running` and the next cycle mends it. */
async function closeCycle(
  { clock }: CycleInput,
  cycle: OpenCycle,
  ends: readonly SourceEnd[],
  stoppedBy: Error | null,
): Promise<CycleEnd> {
  const end = endOfCycle(ends, stoppedBy);
  try {
    await cycle.close(end.outcome, instantOf(clock.now()));
    return end;
  } catch (error) {
    const failure = end.failure ?? stoppedBy ?? toError(error);
    const outcome: CycleOutcome = { ...end.outcome, status: 'failed', error: failure.message };
    return { outcome, failure };
  }
}
