import { toInstant } from '../state/instant.ts';
import { joinOverlays, withOverlay } from '../state/json-record.ts';
import type { JsonValue, Overlay } from '../state/json-record.ts';
import type { PlannedRun } from '../state/run-history.ts';
import type { FinalStatus, RunStatus, RunType, ServedRun } from './wire.ts';

/** How a run ends. `atMs` may lie ahead of the clock: until then the run shows as open. */
export interface RunOutcome {
  readonly status: FinalStatus;
  readonly atMs: number;
  /** Served with a failed run only. */
  readonly failedReason: string | null;
  /** Laid over the record from then on: a final status that nobody knows, say. */
  readonly overlay?: Overlay;
}

/** A run's whole life; what an answer shows of it depends on the clock. */
export interface RunPlan extends PlannedRun {
  readonly type: RunType;
  /** When it goes from `created` to `running`; null: it never shows as running. */
  readonly startedAtMs: number | null;
  readonly outcome: RunOutcome | null;
  readonly overlay: Overlay | null;
}

/** What a caller says of a new run; the rest is filled in. */
export interface NewRun {
  readonly id?: string;
  readonly type?: RunType;
  /** Default: now. In the future: the run appears when the clock gets there. */
  readonly createdAtMs?: number;
  readonly startedAtMs?: number | null;
  /** A status alone means: final from the moment of its creation. Default null: open until it is finished by hand. */
  readonly outcome?: RunOutcome | FinalStatus | null;
  readonly failedReason?: string;
  readonly overlay?: Overlay;
}

export function planNewRun(run: NewRun, id: string, nowMs: number): RunPlan {
  const createdAtMs = run.createdAtMs ?? nowMs;
  const outcome =
    typeof run.outcome === 'string'
      ? { status: run.outcome, atMs: createdAtMs, failedReason: run.failedReason ?? null }
      : (run.outcome ?? null);
  return {
    id: run.id ?? id,
    type: run.type ?? 'search',
    createdAtMs,
    startedAtMs: run.startedAtMs ?? null,
    outcome,
    touchedAtMs: null,
    overlay: run.overlay ?? null,
  };
}

/** The documented record of a run as an answer given at `nowMs` shows it, without its overlay. */
export function runAsOf(plan: RunPlan, monitorId: string, nowMs: number): ServedRun {
  const { status, sinceMs } = stateAsOf(plan, nowMs);
  const finishedAt = toInstant(sinceMs);
  const updatedAtMs = touchedSince(sinceMs, plan, nowMs);
  return {
    id: plan.id,
    object: 'monitor_run',
    status,
    monitorId,
    type: plan.type,
    completedAt: status === 'completed' ? finishedAt : null,
    failedAt: status === 'failed' ? finishedAt : null,
    failedReason: status === 'failed' ? (plan.outcome?.failedReason ?? null) : null,
    canceledAt: status === 'canceled' ? finishedAt : null,
    createdAt: plan.createdAtMs === sinceMs ? finishedAt : toInstant(plan.createdAtMs),
    updatedAt: updatedAtMs > sinceMs ? toInstant(updatedAtMs) : finishedAt,
  };
}

/** The record exactly as it is served. */
export function servedRun(plan: RunPlan, monitorId: string, nowMs: number): JsonValue {
  return withOverlay(runAsOf(plan, monitorId, nowMs), overlayAsOf(plan, nowMs));
}

export function overlayAsOf({ outcome, overlay }: RunPlan, nowMs: number): Overlay | null {
  const ofOutcome = outcome !== null && outcome.atMs <= nowMs ? outcome.overlay : null;
  return joinOverlays(ofOutcome ?? null, overlay);
}

export function updatedAtMsOf(plan: RunPlan, nowMs: number): number {
  return touchedSince(stateAsOf(plan, nowMs).sinceMs, plan, nowMs);
}

function touchedSince(sinceMs: number, { touchedAtMs }: RunPlan, nowMs: number): number {
  return touchedAtMs !== null && touchedAtMs <= nowMs ? Math.max(touchedAtMs, sinceMs) : sinceMs;
}

function stateAsOf(plan: RunPlan, nowMs: number): { status: RunStatus; sinceMs: number } {
  if (plan.outcome !== null && plan.outcome.atMs <= nowMs) {
    return { status: plan.outcome.status, sinceMs: plan.outcome.atMs };
  }
  if (plan.startedAtMs !== null && plan.startedAtMs <= nowMs) {
    return { status: 'running', sinceMs: plan.startedAtMs };
  }
  return { status: 'created', sinceMs: plan.createdAtMs };
}
