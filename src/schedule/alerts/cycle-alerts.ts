import { describeFailedCycles, describeRecovery } from './alert-texts.ts';
import type { SendAlert } from './webhook.ts';

export interface CycleAlertOptions {
  readonly host: string;
  /** 0: no alerts. */
  readonly afterFailedCycles: number;
  /** Failures in a row before this process; when they were enough for an alert, that process has sent it. */
  readonly failedBefore: number;
  readonly send: SendAlert;
}

/** Alerts when cycles keep failing, once, and when they work again. An alert that did not arrive is tried again after the next cycle. */
export class CycleAlerts {
  readonly #options: CycleAlertOptions;
  #lastFailedInARow: number;
  /** An alert went out, and nobody has been told yet that it is over. */
  #announced: boolean;

  constructor(options: CycleAlertOptions) {
    this.#options = options;
    this.#lastFailedInARow = options.failedBefore;
    this.#announced = options.afterFailedCycles > 0 && options.failedBefore >= options.afterFailedCycles;
  }

  /** @throws WebhookError */
  async failed(failedInARow: number, error: string): Promise<void> {
    const { host, afterFailedCycles, send } = this.#options;
    this.#lastFailedInARow = failedInARow;
    if (afterFailedCycles === 0 || this.#announced || failedInARow < afterFailedCycles) return;
    await send(describeFailedCycles(host, failedInARow, error));
    this.#announced = true;
  }

  /** @throws WebhookError */
  async worked(status: 'succeeded' | 'partial'): Promise<void> {
    const { host, send } = this.#options;
    if (this.#announced) await send(describeRecovery(host, this.#lastFailedInARow, status));
    this.#announced = false;
  }
}
