import { formatCount, formatDuration } from '../../terminal/format.ts';
import type { DryRun } from '../../../sync/plan/plan-dry-run.ts';
import { renderTable } from '../../terminal/table.ts';

/** A dry run for people. */
export function describeDryRun(dryRun: DryRun, requestsPerSecond: number): string {
  const walks = dryRun.monitors.filter(({ decision }) => decision !== 'skip');
  const skipped = dryRun.monitors.length - walks.length;
  const rows = walks.map(({ monitorId, decision, reason, estimatedRequests }) => [
    monitorId,
    decision,
    reason.replaceAll('_', ' '),
    formatCount(estimatedRequests),
  ]);
  return [
    ...(rows.length > 0 ? [renderTable(['monitor', 'walk', 'why', 'requests'], rows, ['requests'])] : []),
    ...dryRun.unlistedMonitors.map((id) => `The API does not list monitor ${id}.`),
    ...dryRun.unreadableMonitors.map(
      ({ monitorId, reason }) => `Monitor ${monitorId ?? '(without an id)'} cannot be read: ${reason}.`,
    ),
    `Monitors to walk: ${formatCount(walks.length)}, to skip: ${formatCount(skipped)}; open runs to ask for: ${formatCount(dryRun.openRuns)}.`,
    `About ${formatCount(dryRun.estimatedRequests)} requests, ${describeTime(dryRun.estimatedSeconds, requestsPerSecond)}.`,
  ].join('\n');
}

function describeTime(seconds: number | null, requestsPerSecond: number): string {
  if (seconds === null) return 'without a limit of the rate';
  return `which take ${formatDuration(seconds * 1000)} at ${requestsPerSecond} requests a second`;
}
