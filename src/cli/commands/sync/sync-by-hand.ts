import { syncOnce, type SyncRequest, type SyncSetup } from '../../../app/run-cycle.ts';
import type { CycleResult } from '../../../sync/cycle.ts';
import { startProgress } from '../../terminal/progress.ts';
import type { Screen } from '../../terminal/screen.ts';

/** Runs a cycle that a person asked for, with a progress display on a terminal. @throws what `syncOnce` throws. */
export async function syncByHand(
  setup: SyncSetup,
  screen: Screen,
  request: SyncRequest,
): Promise<CycleResult> {
  const progress = startProgress(screen, setup.surroundings.clock);
  try {
    return await syncOnce(setup, request, { trigger: 'manual', ...progress });
  } finally {
    progress.stop();
  }
}
