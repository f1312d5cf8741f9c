import type { Fault, FaultHook, FaultRequest } from '../../src/simulator/answers/faults.ts';
import type { BlindSpots } from './blind-spots.ts';
import type { ScenarioSource } from './scenario-account.ts';
import type { Falsehood, Incident } from './scenario.ts';
import { minuteMs } from './sync-kit.ts';

/** A source of a scenario with what a cycle may miss of it. */
export interface JudgedSource {
  readonly source: ScenarioSource;
  readonly blindSpots: BlindSpots;
}

/** Which of the ways was doubtful in which a run was not shown: two that agree count as the truth. */
type Doubt = 'page' | 'get';

/**
 * Decides which answers are false, keeps to what the promises assume (no two false answers agree), and notes what a
 * sync cannot know then.
 */
export class Falsehoods {
  readonly #doubts = new Map<string, Doubt>();
  readonly #happened: (what: string) => void;

  constructor(happened: (what: string) => void) {
    this.#happened = happened;
  }

  /** Null: this request gets a true answer. */
  faultFor(falsehood: Falsehood, request: FaultRequest, judged: JudgedSource): Fault | null {
    const { endpoint, monitorId } = request;
    switch (falsehood.kind) {
      case 'empty':
        return endpoint === 'runs' && monitorId !== null ? this.#emptyPage(monitorId, judged) : null;
      case 'hide':
        if (monitorId === null || endpoint !== falsehood.endpoint) return null;
        return endpoint === 'runs'
          ? this.#hideOnPage(falsehood.run, monitorId, judged)
          : this.#hideFromGet(request, monitorId, judged);
      case 'lag':
        return endpoint === falsehood.endpoint
          ? this.#lag(falsehood.byMinutes * minuteMs, request, judged)
          : null;
    }
  }

  #emptyPage(monitorId: string, { source, blindSpots }: JudgedSource): Fault | null {
    if (!this.#mayDoubt(source.runIds(monitorId), 'page')) return null;
    blindSpots.passedOver(monitorId, source.runIds(monitorId));
    this.#happened('page empty by mistake');
    return { kind: 'emptyList' };
  }

  #hideOnPage(place: number, monitorId: string, { source, blindSpots }: JudgedSource): Fault | null {
    const runs = source.side.runs(monitorId);
    const run = runs[place % Math.max(1, runs.length)];
    if (run === undefined || !this.#mayDoubt([run.id], 'page')) return null;
    const hasTwin = runs.some(({ id, createdAt }) => id !== run.id && createdAt === run.createdAt);
    // The newest run is the one that the listing names: a page that lacks it is not believed.
    if (!source.isHonest || run !== runs[0] || hasTwin) blindSpots.passedOver(monitorId, [run.id]);
    this.#happened('run hidden from a page');
    return { kind: 'hideRuns', runIds: [run.id] };
  }

  #hideFromGet(
    { runId }: FaultRequest,
    monitorId: string,
    { source, blindSpots }: JudgedSource,
  ): Fault | null {
    const run = source.side.runs(monitorId).find(({ id }) => id === runId);
    // Pages whose places shift lack runs as well.
    if (run === undefined || source.shifts || this.#doubts.has(run.id)) return null;
    this.#doubts.set(run.id, 'get');
    blindSpots.changedLate(monitorId, run.id, this.#ageOf(source, monitorId, run.id));
    this.#happened('false 404');
    return { kind: 'hideRuns', runIds: [run.id] };
  }

  #lag(byMs: number, { endpoint, monitorId, runId }: FaultRequest, judged: JudgedSource): Fault | null {
    const { source, blindSpots } = judged;
    if (endpoint === 'monitors') {
      source.listingLagged = true;
      source.listingMayHaveSkipped = true;
      this.#happened('listing from a lagging replica');
      return { kind: 'lag', byMs };
    }
    if (monitorId === null) return null;
    const behind = source
      .changedWithin(monitorId, byMs)
      .filter(({ id }) => endpoint === 'runs' || id === runId);
    const ids = behind.map(({ id }) => id);
    if (endpoint === 'run' && source.shifts && behind.length > 0) return null;
    if (!this.#mayDoubt(ids, endpoint === 'runs' ? 'page' : 'get')) return null;
    for (const { id, ageMs } of behind) blindSpots.changedLate(monitorId, id, ageMs);
    if (endpoint === 'runs' && source.shifts) source.rowsMoved(monitorId);
    if (behind.length > 0) {
      this.#happened(endpoint === 'runs' ? 'page from a lagging replica' : 'get from a lagging replica');
    }
    return { kind: 'lag', byMs };
  }

  /** Notes it if none of the runs was doubtful in the other way. A get is false only once. */
  #mayDoubt(runIds: readonly string[], how: Doubt): boolean {
    const known = runIds.map((id) => this.#doubts.get(id));
    if (known.some((doubt) => doubt !== undefined && (doubt !== how || how === 'get'))) return false;
    for (const id of runIds) this.#doubts.set(id, how);
    return true;
  }

  #ageOf(source: ScenarioSource, monitorId: string, runId: string): number {
    return source.changedWithin(monitorId, Infinity).find(({ id }) => id === runId)?.ageMs ?? Infinity;
  }
}

export interface HookParts {
  readonly incidents: readonly Incident[];
  readonly falsehoods: Falsehoods;
  /** The source that a request to an account's simulator is for; null: for none of the scenario's. */
  readonly judgedOf: (account: number, request: FaultRequest) => JudgedSource | null;
  readonly onServed: (judged: JudgedSource, request: FaultRequest) => void;
  readonly onFault: (judged: JudgedSource) => void;
  readonly onChange: (incident: Extract<Incident, { kind: 'change' }>) => void;
  readonly onInterrupt: () => void;
}

/** What happens at each request of a cycle, whichever simulator it comes to. */
export function createHooks({ incidents, falsehoods, ...on }: HookParts): (account: number) => FaultHook {
  let requests = 0;
  /** How often each falsehood has been told. */
  const told = new Map<Incident, number>();
  return (account) => (request) => {
    requests += 1;
    const judged = on.judgedOf(account, request);
    if (judged === null) return null;
    let answer: Fault | null = null;
    for (const incident of incidents) {
      if (incident.kind === 'crash' || incident.kind === 'cut' || requests < incident.atRequest) continue;
      switch (incident.kind) {
        case 'fault':
          if (requests < incident.atRequest + incident.times && fits(incident.fault, request, judged)) {
            answer ??= incident.fault;
          }
          break;
        case 'falsehood': {
          const times = told.get(incident) ?? 0;
          if (answer !== null || times >= incident.times) break;
          answer = falsehoods.faultFor(incident.falsehood, request, judged);
          if (answer !== null) told.set(incident, times + 1);
          break;
        }
        case 'change':
          if (requests === incident.atRequest) on.onChange(incident);
          break;
        case 'interrupt':
          if (requests === incident.atRequest) on.onInterrupt();
          break;
      }
    }
    if (answer === null) on.onServed(judged, request);
    else on.onFault(judged);
    return answer;
  };
}

/** Whether a fault is one of those that a request may meet. */
function fits(fault: Fault, { endpoint }: FaultRequest, { source }: JudgedSource): boolean {
  const { cursors, monitorCursors } = source.side.quirks;
  // A cursor that counts pages names another place at another size of pages.
  if (fault.kind === 'refuseLimit') return cursors !== 'page' && monitorCursors !== 'page';
  // To a get it would be a false 404, which is told apart from others.
  return fault.kind !== 'refuseCursor' || endpoint === 'runs' || endpoint === 'monitors';
}
