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
 * @param isWhole whether it was not asked for some monitors only.
 */
export async function syncAndFollow(
  setup: SyncSetup,
  redact: Redact,
  isWhole: boolean,
  run: () => Promise<CycleResult>,
): Promise<CycleResult> {
  const { lastClosedCycleId } = await loadCycleHistory(setup.warehouse.database, 'manual');
  const after = createAfterCycle(setup, redact, lastClosedCycleId);
  try {
    const result = await run();
    await followCycle(after, { result, error: null }, { isWhole });
    return result;
  } catch (error) {
    const isFailure = !(error instanceof LockHeldError || error instanceof InterruptedError);
    if (isFailure) await followCycle(after, { result: null, error: toError(error) }, { isWhole });
    throw error;
  }
}
