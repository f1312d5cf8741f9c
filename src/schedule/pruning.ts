import type { Logger } from '../sync/logger.ts';
import type { Clock } from '../sync/ports.ts';
import type { Pruned } from '../warehouse/upkeep/prune.ts';

const dayMs = 86_400_000;

export interface PruningOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0: nothing is ever deleted. */
  readonly retentionDays: number;
  /** `cutoff` is RFC 3339. */
  readonly prune: (cutoff: string, days: number) => Promise<Pruned>;
}

/** Deletes old records, at most once a day. */
export class Pruning {
  readonly #options: PruningOptions;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: PruningOptions) {
    this.#options = options;
  }

  async pruneWhenDue(): Promise<void> {
    const { clock, logger, retentionDays, prune } = this.#options;
    const nowMs = clock.now();
    if (retentionDays === 0 || nowMs - this.#lastMs < dayMs) return;
    this.#lastMs = nowMs;
    const pruned = await prune(new Date(nowMs - retentionDays * dayMs).toISOString(), retentionDays);
    if (pruned.cycles + pruned.rejectedRuns > 0)
      logger.info({ ...pruned, retentionDays }, 'old records deleted');
  }
}
