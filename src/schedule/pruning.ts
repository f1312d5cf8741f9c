import type { Logger } from '../sync/logger.ts';
import type { Clock } from '../sync/ports.ts';
import type { Pruned } from '../warehouse/upkeep/prune.ts';

const dayMs = 86_400_000;

export interface PruningOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly prune: () => Promise<Pruned>;
}

/** Deletes old records, at most once a day. */
export class Pruning {
  readonly #options: PruningOptions;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: PruningOptions) {
    this.#options = options;
  }

  async pruneWhenDue(): Promise<void> {
    const { clock, logger, prune } = this.#options;
    const nowMs = clock.now();
    if (nowMs - this.#lastMs < dayMs) return;
    this.#lastMs = nowMs;
    const pruned = await prune();
    if (pruned.cycles + pruned.rejectedRuns > 0) logger.info(pruned, 'old records deleted');
  }
}
