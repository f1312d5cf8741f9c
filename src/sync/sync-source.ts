import { gatedSource, type CycleContext, type CycleOptions } from './cycle-context.ts';
import type { CycleGate } from './cycle-gate.ts';
import { CycleTally } from './cycle-tally.ts';
import { SkipMonitorError, SourceUnavailableError, toError } from './errors.ts';
import { judgeDueTimes } from './due/judge-due-times.ts';
import { reconcileUnlisted } from './listing/reconcile-unlisted.ts';
import { storeListing } from './listing/store-listing.ts';
import type { SourceListing, WantedMonitors } from './listing/wanted-monitors.ts';
import { instantMs, instantOf } from './model.ts';
import { statusOfFailure, type SourceEnd } from './outcome.ts';
import { countDecisions, planMonitors } from './plan/plan-monitors.ts';
import type { SourceNews } from './cycle-events.ts';
import type {
  Clock,
  CycleStore,
  MonitorSource,
  SourceAccess,
  SourceCycle,
  SourceIdentity,
  SourceOutcome,
  TrafficMeter,
} from './ports.ts';
import { askForOpenRuns } from './walk/ask-for-open-runs.ts';
import type { WalkContext } from './walk/walk-pages.ts';
import { walkMonitors } from './walk/walk-monitors.ts';

export interface SourceInput {
  readonly identity: SourceIdentity;
  readonly source: MonitorSource & TrafficMeter;
  readonly concurrency: number;
  readonly gate: CycleGate;
  readonly store: CycleStore;
  readonly cycle: SourceCycle;
  /** The account has another API that could be read: this one is left alone for a day after a refusal. */
  readonly mayRest: boolean;
  readonly clock: Clock;
  readonly observe: (news: SourceNews) => void;
  readonly options: CycleOptions;
  readonly wanted: WantedMonitors;
  /** Ends the other sources too. */
  readonly stopAll: (error: Error) => void;
}

/**
 * The most runs that a source is asked for in one cycle because a list lacks what they found: 100 s at five requests a
 * second. The next whole walks ask for the others.
 */
const mostOutputsAsked = 500;

const dayMs = 86_400_000;

type Verdict = Pick<SourceOutcome, 'status' | 'error'> & { readonly failure: Error | null };

/** One source of a cycle, from its listing to its open runs. Never rejects: what ended it is in the result. */
export async function syncSource(input: SourceInput): Promise<SourceEnd> {
  const { identity, source, cycle, clock, observe, gate, options, concurrency } = input;
  const tally = new CycleTally(observe, cycle);
  const gated = gatedSource(source, gate);
  const context = { source: gated, cycle, clock, observe, gate, tally, options, concurrency };
  const wish = input.wanted.ofSource();
  const { failure, ...verdict } = await judge(input, context, wish);
  wish.ended(verdict.status === 'unavailable');
  const outcome = { source: identity, ...verdict, ...tally.counts(), traffic: source.traffic() };
  observe({ type: 'source-ended', outcome });
  return { outcome, failure };
}

async function judge(input: SourceInput, context: CycleContext, wish: SourceListing): Promise<Verdict> {
  try {
    if (input.mayRest && !isAskedAgain(input.cycle.access, input.clock.now())) {
      return { status: 'unavailable', error: 'the account may not use this API', failure: null };
    }
    const doubt = await syncMonitors(context, input, wish);
    return { ...verdictOf(context, await input.cycle.countRejectedRuns(), doubt), failure: null };
  } catch (error) {
    const failure = toError(error);
    const couldBeRead = input.cycle.access.readableAt !== null || context.tally.wasListed;
    if (failure instanceof SourceUnavailableError && !couldBeRead) {
      return noteUnavailable(input, failure);
    }
    input.gate.stop(failure);
    if (!input.gate.isOfSource(error)) input.stopAll(failure);
    return { status: statusOfFailure(failure), error: failure.message, failure };
  }
}

/** Whether a source is asked at all: an API that the account may not use is tried again once a day. */
function isAskedAgain({ unavailableSince, askedAt }: SourceAccess, nowMs: number): boolean {
  if (unavailableSince === null || askedAt === null) return true;
  // Measured both ways: an instant in the future was written by a clock that was wrong.
  return Math.abs(nowMs - instantMs(askedAt)) >= dayMs;
}

async function noteUnavailable(input: SourceInput, refusal: SourceUnavailableError): Promise<Verdict> {
  try {
    await input.cycle.recordUnavailable(refusal.message, instantOf(input.clock.now()));
    return { status: 'unavailable', error: refusal.message, failure: null };
  } catch (error) {
    const failure = toError(error);
    input.stopAll(failure);
    return { status: 'failed', error: failure.message, failure };
  }
}

/**
 * The stages of a source: list, plan, walk, ask for open runs and for monitors that the listing lacks, judge what was due.
 * @returns why monitors that the listing lacks were not marked absent; null: they were.
 * @throws what stopped it.
 */
async function syncMonitors(
  context: CycleContext,
  { store, identity }: SourceInput,
  wish: SourceListing,
): Promise<string | null> {
  const { cycle, clock, observe, options, tally } = context;
  const coveredAt = instantOf(clock.now());
  const [listing, states] = await Promise.all([
    storeListing(context, wish),
    store.loadMonitorStates(identity.id),
  ]);
  const planned = planMonitors(context.source, listing.monitors, states, clock.now(), options);
  observe({ type: 'planned', decisions: countDecisions(planned) });
  // Only open runs are asked for again; remembering every id would cost the memory of a whole first sync.
  const open = new Set([...states.openRuns.values()].flatMap((runs) => runs.map(({ id }) => id)));
  const shown = new Set<string>();
  const walkContext: WalkContext = {
    source: context.source,
    store: cycle,
    nowMs: () => clock.now(),
    overlapMs: options.overlapMs,
    since: options.since,
    outputsToAsk: { left: mostOutputsAsked },
    onSaved: (monitorId, runs, counts, rejected) => {
      tally.saved(monitorId, counts, rejected);
      for (const { id } of runs) if (open.has(id)) shown.add(id);
    },
  };
  await walkMonitors(context, walkContext, planned, states);
  await askForOpenRuns(context, walkContext, states, shown);
  const { found, doubt } = await reconcileUnlisted(context, listing);
  await walkMonitors(
    context,
    walkContext,
    planMonitors(context.source, found, states, clock.now(), options),
    states,
  );
  for (const id of await listing.listedNowhere) {
    await tally.failed(id, new SkipMonitorError(`monitor ${id}: the API does not list it`));
  }
  await judgeDueTimes({ ...context, graceMs: options.dueGraceMs }, coveredAt);
  return doubt;
}

/** Of a source that went through all its stages. */
function verdictOf(
  { tally }: CycleContext,
  rejectedRuns: number,
  doubt: string | null,
): Pick<SourceOutcome, 'status' | 'error'> {
  const { failed, seen } = tally.counts().monitors;
  const gaps = [
    ...(failed > 0 ? [`${failed} of ${seen} monitors failed`] : []),
    ...(doubt === null ? [] : [doubt]),
    ...(rejectedRuns > 0 ? [`${rejectedRuns} runs are in rejected_runs`] : []),
  ];
  if (gaps.length === 0) return { status: 'succeeded', error: null };
  return { status: 'partial', error: gaps.join('; ') };
}
