import type { CycleResult } from '../../../sync/cycle.ts';
import type { CycleOutcome, CycleStatus } from '../../../sync/ports.ts';
import { describeInOneLine } from '../../../app/describe-in-one-line.ts';
import { exitCodes, type ExitCode } from '../../exit-codes.ts';
import { formatCount, formatDuration } from '../../terminal/format.ts';

/** What `sync --json` prints. */
export interface SyncSummary {
  readonly status: CycleStatus;
  readonly monitors: CycleOutcome['monitors'];
  readonly runs: CycleOutcome['runs'];
  readonly requests: number;
  readonly retries: number;
  readonly durationMs: number;
  /** Only when the status is not `succeeded`. */
  readonly error?: string;
}

export function summarize({ outcome, durationMs, failure }: CycleResult): SyncSummary {
  const { status, monitors, runs, traffic } = outcome;
  const { requests, retries } = traffic;
  const error = failure === null ? outcome.error : describeInOneLine(failure);
  const counts = { status, monitors, runs, requests, retries, durationMs: Math.round(durationMs) };
  return error === null ? counts : { ...counts, error };
}

export function describeSummary(summary: SyncSummary): string {
  const { status, monitors, runs, requests, retries, durationMs, error } = summary;
  const head = `Sync ${status} after ${formatDuration(durationMs)}${error === undefined ? '' : `: ${error}`}`;
  return [
    head,
    `  monitors  ${list({ seen: monitors.seen, walked: monitors.walked, skipped: monitors.skipped, failed: monitors.failed })}`,
    `  runs      ${list({ inserted: runs.inserted, updated: runs.updated, unchanged: runs.unchanged, rejected: runs.rejected })}`,
    `  requests  ${formatCount(requests)}${retries > 0 ? `, ${formatCount(retries)} of them retries` : ''}`,
  ].join('\n');
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${formatCount(count)} ${name}`)
    .join(', ');
}

/** `interruptedBy`: the exit code of the signal that came, null when none did. */
export function exitCodeOf(status: CycleStatus, interruptedBy: ExitCode | null): ExitCode {
  switch (status) {
    case 'succeeded':
      return exitCodes.succeeded;
    case 'partial':
      return exitCodes.partial;
    case 'interrupted':
      return interruptedBy ?? exitCodes.failed;
    case 'failed':
      return exitCodes.failed;
  }
}
