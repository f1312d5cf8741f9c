import type { FailureStreak } from '../../warehouse/reads/load-failure-streaks.ts';
import { describeFailedRuns } from './alert-texts.ts';
import type { SendAlert } from './webhook.ts';

export interface RunAlertOptions {
  readonly host: string;
  /** At least 1. */
  readonly afterFailedRuns: number;
  /** The last cycle that a process before this one has looked at. */
  readonly afterCycle: number;
  readonly loadNewStreaks: (wanted: {
    readonly atLeast: number;
    readonly afterCycle: number;
  }) => Promise<readonly FailureStreak[]>;
  readonly send: SendAlert;
}

/** Alerts when the runs of monitors fail over and over: once for each streak, all of a cycle in one message. */
export class RunAlerts {
  readonly #options: RunAlertOptions;
  #afterCycle: number;

  constructor(options: RunAlertOptions) {
    this.#options = options;
    this.#afterCycle = options.afterCycle;
  }

  /**
   * Looks at what the cycles since the last look have brought, cycles of other processes too; `changedRuns` says whether
   * this one has brought anything. An idle cycle right after the last look costs no query.
   * @throws WebhookError when the alert did not arrive: the next look finds the same streaks again.
   */
  async look(cycleId: number, changedRuns: boolean): Promise<void> {
    const { host, afterFailedRuns, loadNewStreaks, send } = this.#options;
    const nothingNew = !changedRuns && cycleId === this.#afterCycle + 1;
    const streaks = nothingNew
      ? []
      : await loadNewStreaks({ atLeast: afterFailedRuns, afterCycle: this.#afterCycle });
    if (streaks.length > 0) await send(describeFailedRuns(host, streaks));
    this.#afterCycle = cycleId;
  }
}
