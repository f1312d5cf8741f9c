import type { Logger } from '../sync/logger.ts';
import type { CycleAlerts } from './alerts/cycle-alerts.ts';
import type { Pruning } from './pruning.ts';
import type { RunAlerts } from './alerts/run-alerts.ts';
import type { CycleAttempt } from './service.ts';

export interface AfterCycle {
  /** Aborts when the service is asked to end: nothing more is begun then. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Null: no webhook. */
  readonly cycleAlerts: CycleAlerts | null;
  readonly runAlerts: RunAlerts | null;
  /** Called after each cycle that went through all its stages; null: nobody waits for it. */
  readonly heartbeat: (() => Promise<void>) | null;
  readonly pruning: Pruning;
}

/**
 * What follows each cycle. Every part fails on its own, with a line in the log: none of it may disturb the next cycle.
 * `isWhole`: it was not asked for some monitors only.
 */
export async function followCycle(
  parts: AfterCycle,
  end: CycleAttempt,
  { isWhole = true }: { readonly isWhole?: boolean } = {},
): Promise<void> {
  const { signal, logger, cycleAlerts, runAlerts, heartbeat, pruning } = parts;
  const attempt = async (what: string, work: () => Promise<void> | undefined): Promise<void> => {
    if (signal.aborted) return;
    try {
      await work();
    } catch (error) {
      logger.warn({ err: error }, what);
    }
  };
  await attempt('an alert about cycles failed', () => cycleAlerts?.look(end, isWhole));
  const { result } = end;
  if (result === null) return;
  const { status, runs } = result.outcome;
  if (status === 'succeeded' || status === 'partial')
    await attempt('the heartbeat failed', () => heartbeat?.());
  const { inserted, updated } = runs;
  await attempt('an alert about runs failed', () => runAlerts?.look(result.cycleId, inserted + updated > 0));
  await attempt('old records could not be deleted', () => pruning.pruneWhenDue());
}
