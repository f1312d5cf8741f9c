/** What a cycle amounts to, from what its sources amount to. */
import { InterruptedError } from './errors.ts';
import type { CycleCounts, CycleOutcome, CycleStatus, SourceOutcome, Traffic } from './ports.ts';

/** How the sync of one source ended. */
export interface SourceEnd {
  readonly outcome: SourceOutcome;
  /** What ended it; null: it went through all its stages, or the account may not use it. */
  readonly failure: Error | null;
}

export interface CycleEnd {
  readonly outcome: CycleOutcome;
  /** What ended a cycle that failed; null otherwise. */
  readonly failure: Error | null;
}

/** `stoppedBy`: what stopped all sources; null when each came to its own end. */
export function endOfCycle(ends: readonly SourceEnd[], stoppedBy: Error | null): CycleEnd {
  const sources = ends.map(({ outcome }) => outcome);
  const stop = stoppedBy ?? ends.find(({ failure }) => failure instanceof InterruptedError)?.failure ?? null;
  const status = stop === null ? statusOf(sources) : statusOfFailure(stop);
  const first = stop ?? ends.find(({ failure }) => failure !== null)?.failure ?? null;
  const error = stop === null ? errorOf(sources) : stop.message;
  const outcome = { ...sumCounts(sources), status, traffic: sumTraffic(sources), error, sources };
  if (status !== 'failed') return { outcome, failure: null };
  return {
    outcome,
    failure: sources.length === 1 && first !== null ? first : (stop ?? failureOf(error, first)),
  };
}

/** Of a source, or of a cycle, that an error ended. */
export function statusOfFailure(failure: Error): 'interrupted' | 'failed' {
  return failure instanceof InterruptedError ? 'interrupted' : 'failed';
}

function statusOf(sources: readonly SourceOutcome[]): CycleStatus {
  const wanted = sources.filter(({ status }) => status !== 'unavailable');
  if (wanted.every(({ status }) => status === 'failed')) return 'failed';
  return wanted.every(({ status }) => status === 'succeeded') ? 'succeeded' : 'partial';
}

function errorOf(sources: readonly SourceOutcome[]): string | null {
  const nameless = sources.length === 1;
  const isRead = sources.some(({ status }) => status !== 'unavailable');
  const lines = sources.flatMap(({ source, status, error }) => {
    if (error === null || (status === 'unavailable' && isRead)) return [];
    return [nameless ? error : `${source.account}/${source.api}: ${error}`];
  });
  return lines.length === 0 ? null : lines.join('; ');
}

function failureOf(error: string | null, cause: Error | null): Error {
  return new Error(error ?? 'there is no source to read', { cause });
}

function sumCounts(sources: readonly CycleCounts[]): CycleCounts {
  const sum: CycleCounts = {
    monitors: { seen: 0, skipped: 0, walked: 0, failed: 0 },
    runs: { inserted: 0, updated: 0, unchanged: 0, rejected: 0 },
  };
  for (const { monitors, runs } of sources) {
    for (const key of ['seen', 'skipped', 'walked', 'failed'] as const) sum.monitors[key] += monitors[key];
    for (const key of ['inserted', 'updated', 'unchanged', 'rejected'] as const) sum.runs[key] += runs[key];
  }
  return sum;
}

function sumTraffic(sources: readonly SourceOutcome[]): Traffic {
  const sum = { requests: 0, retries: 0, waits: 0, waitedMs: 0 };
  for (const { traffic } of sources) {
    for (const key of ['requests', 'retries', 'waits', 'waitedMs'] as const) sum[key] += traffic[key];
  }
  return sum;
}
