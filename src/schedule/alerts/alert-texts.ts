import type { Incident, IncidentKind } from '../../warehouse/cycle/incidents.ts';
import type { FailureStreak } from '../../warehouse/reads/load-failure-streaks.ts';

/** Monitors named in one alert; the others are counted. */
const mostNamed = 10;
const longestReason = 200;

/** `why`: the error; of stale data, when all monitors were last read. */
export function describeIncident(host: string, { kind, cycles }: Incident, why: string): string {
  return `exa-monitor-sync on ${host}: ${wordsOfIncident[kind](cycles, cut(why))}`;
}

const wordsOfIncident: Readonly<Record<IncidentKind, (cycles: number, why: string) => string>> = {
  failed: (cycles, why) =>
    `${cycles === 1 ? '1 cycle has failed' : `${cycles} cycles in a row have failed`}. The last error: ${why}`,
  partial: (cycles, why) =>
    `${cycles === 1 ? '1 cycle was partial' : `${cycles} cycles were partial and none succeeded`}: something could not be read or stored. The last reason: ${why === '' ? 'see rejected_runs and sync_checkpoints' : why}`,
  stale: (_cycles, why) => `the data are stale: all monitors were last read at ${why}`,
  account: (_cycles, why) => `no cycle can begin: ${why}`,
};

/** `why`: how the last cycle ended; of data that were stale, when all monitors were read. */
export function describeItsEnd(host: string, { kind, cycles }: Incident, why: string): string {
  return `exa-monitor-sync on ${host}: ${wordsOfEnd[kind](cycles, why)}`;
}

const wordsOfEnd: Readonly<Record<IncidentKind, (cycles: number, why: string) => string>> = {
  failed: (cycles, why) =>
    `works again after ${cycles === 1 ? '1 failed cycle' : `${cycles} failed cycles`}; the last cycle ${why === 'partial' ? 'was partial' : why}.`,
  partial: (cycles) =>
    `everything is read and stored again after ${cycles === 1 ? '1 partial cycle' : `${cycles} partial cycles`}.`,
  stale: (_cycles, why) => `the data are current again: all monitors were read at ${why}`,
  account: () => 'the key belongs to the team of its account again.',
};

/** `streaks` is not empty. */
export function describeFailedRuns(host: string, streaks: readonly FailureStreak[]): string {
  const named = streaks.slice(0, mostNamed).map(({ monitorId, source, failedRuns, reason }) => {
    const why = reason === null || reason === '' ? '' : `: ${cut(reason)}`;
    return `• ${cut(monitorId)} (${source}), ${failedRuns} in a row${why}`;
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

/** One line without control characters, whatever was written. */
function cut(text: string): string {
  const line = text.replace(/[\s\p{C}]+/gu, ' ').trim();
  return line.length > longestReason ? `${line.slice(0, longestReason)}…` : line;
}
