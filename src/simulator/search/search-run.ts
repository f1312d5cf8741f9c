import { toInstant } from '../state/instant.ts';
import { encodeRecord, joinOverlays, withOverlay } from '../state/json-record.ts';
import type { JsonValue, Overlay } from '../state/json-record.ts';
import type { PlannedRun } from '../state/run-history.ts';
import type { SearchFinalStatus, SearchOutput, SearchRunStatus, ServedSearchRun } from './wire.ts';

/** How a run ends. `atMs` may lie ahead of the clock: until then the run shows as open. */
export interface SearchRunOutcome {
  readonly status: SearchFinalStatus;
  readonly atMs: number;
  /** Served with a failed run only. */
  readonly failReason: string | null;
  /** Served with a completed run only. */
  readonly output: SearchOutput | null;
  /** Laid over the record from then on: a final status that nobody knows, say. */
  readonly overlay?: Overlay;
}

/** A run's whole life; what an answer shows of it depends on the clock. */
export interface SearchRunPlan extends PlannedRun {
  /** When it goes from `pending` to `running`; null: it never shows as running. */
  readonly startedAtMs: number | null;
  readonly outcome: SearchRunOutcome | null;
  readonly overlay: Overlay | null;
}

/** What a caller says of a new run; the rest is filled in. */
export interface NewSearchRun {
  readonly id?: string;
  /** Default: now. In the future: the run appears when the clock gets there. */
  readonly createdAtMs?: number;
  /** Default: at its creation, as was recorded. */
  readonly startedAtMs?: number | null;
  /** A status alone means: final from the moment of its creation. Default null: open until it is finished by hand. */
  readonly outcome?:
    | (Partial<SearchRunOutcome> & { readonly status: SearchFinalStatus })
    | SearchFinalStatus
    | null;
  /** Default of a failed run: `search_failed`. */
  readonly failReason?: string;
  /** Default of a completed run: a made-up one. */
  readonly output?: SearchOutput | null;
  readonly overlay?: Overlay;
}

/** What was recorded: a run's first `updatedAt` lies so far behind its start. */
const firstUpdateMs = 2;

export function planNewSearchRun(
  run: NewSearchRun,
  made: { readonly id: (createdAtMs: number) => string; readonly output: () => SearchOutput },
  nowMs: number,
): SearchRunPlan {
  const createdAtMs = run.createdAtMs ?? nowMs;
  const end = typeof run.outcome === 'string' ? { status: run.outcome } : (run.outcome ?? null);
  const given = {
    ...(run.failReason === undefined ? {} : { failReason: run.failReason }),
    ...(run.output === undefined ? {} : { output: run.output }),
  };
  return {
    id: run.id ?? made.id(createdAtMs),
    createdAtMs,
    startedAtMs: run.startedAtMs === undefined ? createdAtMs : run.startedAtMs,
    outcome: end && completeOutcome({ ...given, ...end }, createdAtMs, made.output),
    touchedAtMs: null,
    overlay: run.overlay ?? null,
  };
}

export function completeOutcome(
  end: Partial<SearchRunOutcome> & { readonly status: SearchFinalStatus },
  atMs: number,
  makeOutput: () => SearchOutput,
): SearchRunOutcome {
  return {
    atMs,
    failReason: end.status === 'failed' ? 'search_failed' : null,
    output: end.status === 'completed' && end.output === undefined ? makeOutput() : null,
    ...end,
  };
}

/** The documented record of a run as an answer given at `nowMs` shows it, without its overlay. */
export function searchRunAsOf(plan: SearchRunPlan, monitorId: string, nowMs: number): ServedSearchRun {
  const { status, sinceMs } = stateAsOf(plan, nowMs);
  const outcome = isFinal(status) ? plan.outcome : null;
  const startedAtMs = plan.startedAtMs !== null && plan.startedAtMs <= sinceMs ? plan.startedAtMs : null;
  const endedAt = (wanted: SearchFinalStatus) => (status === wanted ? toInstant(sinceMs) : null);
  return {
    id: plan.id,
    monitorId,
    status,
    output: status === 'completed' ? (outcome?.output ?? null) : null,
    failReason: status === 'failed' ? (outcome?.failReason ?? null) : null,
    startedAt: startedAtMs === null ? null : toInstant(startedAtMs),
    completedAt: endedAt('completed'),
    failedAt: endedAt('failed'),
    cancelledAt: endedAt('cancelled'),
    durationMs: outcome === null || startedAtMs === null ? null : Math.round(sinceMs - startedAtMs),
    createdAt: toInstant(plan.createdAtMs),
    updatedAt: toInstant(searchUpdatedAtMsOf(plan, nowMs)),
  };
}

export function servedSearchRun(plan: SearchRunPlan, monitorId: string, nowMs: number): JsonValue {
  return withOverlay(searchRunAsOf(plan, monitorId, nowMs), overlayAsOf(plan, nowMs));
}

/** The record as the text that travels. */
export function encodeSearchRun(plan: SearchRunPlan, monitorId: string, nowMs: number): string {
  return encodeRecord(searchRunAsOf(plan, monitorId, nowMs), overlayAsOf(plan, nowMs));
}

export function searchUpdatedAtMsOf(plan: SearchRunPlan, nowMs: number): number {
  const { status, sinceMs } = stateAsOf(plan, nowMs);
  const ownMs = status === 'running' ? Math.min(nowMs, sinceMs + firstUpdateMs) : sinceMs;
  return plan.touchedAtMs !== null && plan.touchedAtMs <= nowMs ? Math.max(plan.touchedAtMs, ownMs) : ownMs;
}

/** The run as a list may show it, which does not say what it found. */
export function withoutOutput(plan: SearchRunPlan): SearchRunPlan {
  return { ...plan, outcome: plan.outcome && { ...plan.outcome, output: null } };
}

function overlayAsOf({ outcome, overlay }: SearchRunPlan, nowMs: number): Overlay | null {
  const ofOutcome = outcome !== null && outcome.atMs <= nowMs ? outcome.overlay : null;
  return joinOverlays(ofOutcome ?? null, overlay);
}

function stateAsOf(plan: SearchRunPlan, nowMs: number): { status: SearchRunStatus; sinceMs: number } {
  if (plan.outcome !== null && plan.outcome.atMs <= nowMs) {
    return { status: plan.outcome.status, sinceMs: plan.outcome.atMs };
  }
  if (plan.startedAtMs !== null && plan.startedAtMs <= nowMs) {
    return { status: 'running', sinceMs: plan.startedAtMs };
  }
  return { status: 'pending', sinceMs: plan.createdAtMs };
}

function isFinal(status: SearchRunStatus): boolean {
  return status !== 'pending' && status !== 'running';
}
