import type { FailureStreak } from '../../warehouse/reads/load-failure-streaks.ts';

/** Monitors named in one alert; the others are counted. */
const mostNamed = 10;
const longestReason = 200;

export function describeFailedCycles(host: string, failedInARow: number, error: string): string {
  const cycles = failedInARow === 1 ? '1 cycle has failed' : `${failedInARow} cycles in a row have failed`;
  return `exa-monitor-sync on ${host}: ${cycles}. The last error: ${cut(error)}`;
}

export function describeRecovery(host: string, failedInARow: number, status: string): string {
  const before = failedInARow === 1 ? '1 failed cycle' : `${failedInARow} failed cycles`;
  return `exa-monitor-sync on ${host}: works again after ${before}; the last cycle ${status === 'partial' ? 'was partial' : status}.`;
}

/** `streaks` is not empty. */
export function describeFailedRuns(host: string, streaks: readonly FailureStreak[]): string {
  const named = streaks.slice(0, mostNamed).map(({ monitorId, failedRuns, reason }) => {
    const why = reason === null || reason === '' ? '' : `: ${cut(reason)}`;
    return `• ${monitorId}, ${failedRuns} in a row${why}`;
  });
  const others = streaks.length - named.length;
  const head =
    streaks.length === 1
      ? 'the runs of a monitor keep failing'
      : `the runs of ${streaks.length} monitors keep failing`;
  return [
    `exa-monitor-sync on ${host}: ${head}`,
    ...named,
    ...(others > 0 ? [`• and ${others} more`] : []),
  ].join('\n');
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > longestReason ? `${line.slice(0, longestReason)}…` : line;
}
