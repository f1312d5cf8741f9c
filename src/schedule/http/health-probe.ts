import type { Logger } from '../../sync/logger.ts';
import type { WarehouseHealth } from '../../warehouse/reads/load-health.ts';

export interface HealthProbeOptions {
  readonly load: () => Promise<WarehouseHealth>;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/**
 * Asks the warehouse how it is; null: it did not say so in time. Whoever asks while an answer is awaited gets the same
 * one: however often the page is asked for, the database gets one query at a time.
 */
export function createHealthProbe({
  load,
  sleep,
  timeoutMs,
  logger,
}: HealthProbeOptions): () => Promise<WarehouseHealth | null> {
  let underWay: Promise<WarehouseHealth | null> | null = null;
  const ask = (): Promise<WarehouseHealth | null> =>
    load()
      .catch((error: unknown) => {
        logger.debug({ err: error }, 'the warehouse could not be asked for its health');
        return null;
      })
      .finally(() => {
        underWay = null;
      });
  return async () => {
    underWay ??= ask();
    const answered = new AbortController();
    const timeout = sleep(timeoutMs, answered.signal).then(() => null);
    try {
      return await Promise.race([underWay, timeout]);
    } finally {
      answered.abort();
    }
  };
}
