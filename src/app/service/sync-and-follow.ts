import { followCycle } from '../../schedule/after-cycle.ts';
import type { CycleResult } from '../../sync/cycle.ts';
import { InterruptedError, LockHeldError, toError } from '../../sync/errors.ts';
import { loadCycleHistory } from '../../warehouse/reads/load-cycle-history.ts';
import type { Redact } from '../redact.ts';
import type { SyncSetup } from '../run-cycle.ts';
import { createAfterCycle } from './create-after-cycle.ts';

/**
 * Runs a cycle and what follows it in a service: alerts, heartbeat, pruning. What was told before stands in the warehouse,
 * so a cycle that cron or a timer starts alerts as those of a service do.
 */
export async function syncAndFollow(
  setup: SyncSetup,
  redact: Redact,
  run: () => Promise<CycleResult>,
): Promise<CycleResult> {
  const stored = await loadCycleHistory(setup.warehouse.database, 'manual');
  const after = createAfterCycle(setup, redact, stored);
  const oneMore = stored.failedInARow + 1;
  try {
    const result = await run();
    const { status } = result.outcome;
    const failedInARow = status === 'failed' ? oneMore : status === 'interrupted' ? stored.failedInARow : 0;
    await followCycle(after, { result, error: null, failedInARow });
    return result;
  } catch (error) {
    const isFailure = !(error instanceof LockHeldError || error instanceof InterruptedError);
    if (isFailure) await followCycle(after, { result: null, error: toError(error), failedInARow: oneMore });
    throw error;
  }
}
