import { askForOpenRuns } from './walk/ask-for-open-runs.ts';
import { gatedSource, type CycleContext, type CycleOptions } from './cycle-context.ts';
import { CycleGate } from './cycle-gate.ts';
import { CycleTally } from './cycle-tally.ts';
import { InterruptedError, StopCycleError } from './errors.ts';
import { instantOf } from './model.ts';
import { countDecisions, planMonitors } from './plan/plan-monitors.ts';
import type {
  Clock,
  CycleCounts,
  CycleObserver,
  CycleOutcome,
  CycleStore,
  MonitorSource,
  OpenCycle,
  TrafficMeter,
  Trigger,
} from './ports.ts';
import { reconcileUnlisted } from './listing/reconcile-unlisted.ts';
import { storeListing } from './listing/store-listing.ts';
import type { WalkContext } from './walk/walk.ts';
import { walkMonitors } from './walk/walk-monitors.ts';

export interface CycleInput {
  readonly source: MonitorSource & TrafficMeter;
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
 * One execution of the sync over all monitors. Failures of single monitors and of the cycle as a whole are in the
 * result; what is committed stays, and the next cycle goes on from it.
 * @throws LockHeldError when another cycle runs; the store's error when the cycle could not even be opened.
 */
export async function runCycle(input: CycleInput): Promise<CycleResult> {
  const { source, store, clock, observe, options } = input;
  const startedMs = clock.now();
  const cycle = await store.openCycle(input.trigger, instantOf(startedMs));
  observe({ type: 'cycle-opened', cycleId: cycle.id, trigger: input.trigger });
  const gate = new CycleGate(options.concurrency, input.signal);
  const tally = new CycleTally(observe, cycle);
  const onLockLost = (): void => {
    gate.stop(new StopCycleError('the lock was lost with its database connection'));
  };
  if (cycle.lockLost.aborted) onLockLost();
  cycle.lockLost.addEventListener('abort', onLockLost, { once: true });
  let failure: Error | null = null;
  try {
    const gated = gatedSource(source, gate);
    await syncMonitors({ source: gated, cycle, clock, observe, gate, tally, options }, store);
  } catch (error) {
    failure = toError(error);
    gate.stop(failure);
  }
  cycle.lockLost.removeEventListener('abort', onLockLost);
  const closed = await closeCycle(input, cycle, tally.counts(), failure);
  const durationMs = clock.now() - startedMs;
  observe({ type: 'cycle-closed', cycleId: cycle.id, outcome: closed.outcome, durationMs });
  return { cycleId: cycle.id, durationMs, ...closed };
}

/**
 * The stages of a cycle: list, plan, walk, ask for open runs and for monitors that the listing lacks.
 * @throws what stopped it.
 */
async function syncMonitors(context: CycleContext, store: CycleStore): Promise<void> {
  const { cycle, clock, observe, options, tally } = context;
  const [listing, states] = await Promise.all([storeListing(context), store.loadMonitorStates()]);
  const planned = planMonitors(listing.monitors, states, clock.now(), options);
  observe({ type: 'planned', decisions: countDecisions(planned) });
  const shown = new Set<string>();
  const walkContext: WalkContext = {
    source: context.source,
    store: cycle,
    nowMs: () => clock.now(),
    overlapMs: options.overlapMs,
    since: options.since,
    onSaved: (monitorId, runIds, counts, rejected) => {
      tally.saved(monitorId, counts, rejected);
      // Only open runs are asked for again; remembering every id would cost the memory of a whole first sync.
      const open = states.openRuns.get(monitorId) ?? [];
      for (const run of open) if (runIds.includes(run.id)) shown.add(run.id);
    },
  };
  await walkMonitors(context, walkContext, planned, states);
  await askForOpenRuns(context, walkContext, states, shown);
  const found = await reconcileUnlisted(context, listing);
  await walkMonitors(context, walkContext, planMonitors(found, states, clock.now(), options), states);
}

/** Writes the cycle's record. When the database is gone too, the record stays `running` and the next cycle mends it. */
async function closeCycle(
  { source, clock }: CycleInput,
  cycle: OpenCycle,
  counts: CycleCounts,
  failure: Error | null,
): Promise<{ readonly outcome: CycleOutcome; readonly failure: Error | null }> {
  let first = failure;
  let outcome = outcomeOf(source, counts, first, 0);
  try {
    if (failure === null) outcome = outcomeOf(source, counts, null, await cycle.countRejectedRuns());
    await cycle.close(outcome, instantOf(clock.now()));
  } catch (error) {
    first ??= toError(error);
    outcome = { ...outcomeOf(source, counts, first, 0), status: 'failed' };
  }
  return { outcome, failure: outcome.status === 'failed' ? first : null };
}

function outcomeOf(
  source: TrafficMeter,
  counts: CycleCounts,
  failure: Error | null,
  rejectedRuns: number,
): CycleOutcome {
  const base = { ...counts, traffic: source.traffic() };
  if (failure instanceof InterruptedError) return { ...base, status: 'interrupted', error: failure.message };
  if (failure !== null) {
    return { ...base, status: 'failed', error: failure.message };
  }
  const { failed, seen } = counts.monitors;
  const gaps = [
    ...(failed > 0 ? [`${failed} of ${seen} monitors failed`] : []),
    ...(rejectedRuns > 0 ? [`${rejectedRuns} runs are in rejected_runs`] : []),
  ];
  if (gaps.length === 0) return { ...base, status: 'succeeded', error: null };
  return { ...base, status: 'partial', error: gaps.join('; ') };
}

/** An error with words: the failure to reach any address of a host comes as an `AggregateError` without. */
function toError(thrown: unknown): Error {
  if (thrown instanceof AggregateError && thrown.message === '') {
    return new Error(thrown.errors.map((error) => toError(error).message).join('; '), { cause: thrown });
  }
  return thrown instanceof Error
    ? thrown
    : new Error('something that is not an error was thrown', { cause: thrown });
}
