import type { CycleGate } from './cycle-gate.ts';
import type { CycleTally } from './cycle-tally.ts';
import { SkipMonitorError } from './errors.ts';
import type { SourceNews } from './cycle-events.ts';
import type { Clock, MonitorSource, SourceCycle } from './ports.ts';

export interface CycleOptions {
  /** Walk every monitor to the end of its list. */
  readonly full: boolean;
  /** Walk every monitor down to this instant (RFC 3339), whatever is covered. */
  readonly since: string | null;
  /** No source that there is a key to was left out. */
  readonly allSources: boolean;
  /** Only these monitors; null: all. */
  readonly only: ReadonlySet<string> | null;
  readonly fullWalkDays: number;
  /** How long a monitor whose newest run no listing shows goes unread at most. */
  readonly walkAtLeastEveryMs: number;
  readonly overlapMs: number;
  /** How long after its due time a run is still in time. */
  readonly dueGraceMs: number;
  /** After this time the cycle ends as failed; what it has read is kept. */
  readonly longestMs: number;
  /** A person says that it is right when a listing lacks most of the monitors that are stored. */
  readonly acceptMissing: boolean;
}

/** What the stages of one source share. */
export interface CycleContext {
  /** The source behind its gate. */
  readonly source: MonitorSource;
  readonly cycle: SourceCycle;
  readonly clock: Clock;
  readonly observe: (news: SourceNews) => void;
  readonly gate: CycleGate;
  readonly tally: CycleTally;
  readonly options: CycleOptions;
  /** Requests under way at once. */
  readonly concurrency: number;
}

/** The source with every request passing the gate. */
export function gatedSource(source: MonitorSource, gate: CycleGate): MonitorSource {
  return {
    traits: source.traits,
    serverTimeMs: () => source.serverTimeMs(),
    listMonitors: (cursor) => gate.ask(() => source.listMonitors(cursor)),
    getMonitor: (monitorId) => gate.ask(() => source.getMonitor(monitorId)),
    listRuns: (monitorId, cursor) => gate.ask(() => source.listRuns(monitorId, cursor)),
    getRun: (monitorId, runId) => gate.ask(() => source.getRun(monitorId, runId)),
  };
}

/** Does work for one monitor: its own failure is written down, any other error stops the source. Never rejects. */
export async function forMonitor(
  { gate, tally }: CycleContext,
  monitorId: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    gate.throwIfStopped();
    await work();
  } catch (error) {
    if (!(error instanceof SkipMonitorError)) return gate.stop(error);
    await tally.failed(monitorId, error).catch((cause: unknown) => gate.stop(cause));
  }
}
