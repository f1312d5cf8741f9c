import { SimulatedAccount } from '../../src/simulator/account/account.ts';
import type { AccountQuirks } from '../../src/simulator/websets/websets-account.ts';
import type { ManualClock } from '../../src/simulator/state/clock.ts';
import { hourMs, minuteMs } from './sync-kit.ts';

export interface SmallAccountOptions {
  /** Ids `m1`, `m2` … */
  readonly monitors?: number;
  /** Ids `m1-r1` (the oldest), `m1-r2` … All completed. */
  readonly runs?: number;
  /** Between the creations of a monitor's runs. Default 6 hours: four runs lie inside the overlap. */
  readonly stepMs?: number;
  readonly quirks?: Partial<AccountQuirks>;
}

/** An account whose ids a test can name. Its newest runs were created an hour ago. */
export function createSmallAccount(clock: ManualClock, options: SmallAccountOptions = {}): SimulatedAccount {
  const { monitors = 1, runs = 10, stepMs = 6 * hourMs, quirks = {} } = options;
  const account = new SimulatedAccount({ clock, quirks });
  const newestMs = clock.now() - hourMs;
  for (let number = 1; number <= monitors; number += 1) {
    const id = `m${number}`;
    account.addMonitor({
      id,
      firesOnSchedule: false,
      createdAtMs: newestMs - (runs + 1) * stepMs - number * minuteMs,
    });
    for (let run = 1; run <= runs; run += 1) {
      const createdAtMs = newestMs - (runs - run) * stepMs;
      account.addRun(id, {
        id: `${id}-r${run}`,
        createdAtMs,
        outcome: { status: 'completed', atMs: createdAtMs + minuteMs, failedReason: null },
      });
    }
  }
  return account;
}
