import { followCycle } from '../../schedule/after-cycle.ts';
import { Service } from '../../schedule/service.ts';
import { loadCycleHistory } from '../../warehouse/reads/load-cycle-history.ts';
import { failInWords } from '../database-failure.ts';
import { everything, syncOnce } from '../run-cycle.ts';
import { createAfterCycle } from './create-after-cycle.ts';
import { openHttp } from './open-http.ts';
import type { ServiceParts } from './service-parts.ts';

/** Runs cycles by the configured schedule until the signal comes and the cycle at hand has ended. */
export async function runService(parts: ServiceParts): Promise<void> {
  const { setup, metrics, occurrences, startFiring } = parts;
  const { config, warehouse, surroundings, logger } = setup;
  const stored = await failInWords(warehouse.target, () => loadCycleHistory(warehouse.database, 'schedule'));
  const { clock } = surroundings;
  let heardOfCycleAtMs: number | null = null;
  const hear = (): void => {
    heardOfCycleAtMs = clock.now();
  };
  const http = await openHttp(parts, () => (heardOfCycleAtMs === null ? 0 : clock.now() - heardOfCycleAtMs));
  const after = createAfterCycle(setup, parts.redact, stored.lastClosedCycleId);
  metrics.setFailedInARow(stored.failedInARow);
  const service = new Service({
    clock,
    sleep: surroundings.sleep,
    signal: surroundings.signal,
    logger,
    startFiring,
    occurrences,
    history: {
      lastCompleteMs: millisecondsOf(stored.lastCompleteAt),
      failedInARow: stored.failedInARow,
      lastFailedMs: millisecondsOf(stored.lastFailedAt),
    },
    jitterShare: surroundings.random(),
    longestJitterMs: config.syncJitterSeconds * 1000,
    runCycle: async () => {
      hear();
      try {
        return await syncOnce(setup, everything, {
          trigger: 'schedule',
          observe: (event) => {
            hear();
            metrics.observeCycle(event);
          },
          onRequest: (event) => {
            hear();
            metrics.observeRequest(event);
          },
        });
      } finally {
        heardOfCycleAtMs = null;
      }
    },
    afterCycle: (end) => followCycle(after, end),
    onEnded: (end) => metrics.observeEnd(end),
    onSkipped: (reason) => metrics.observeSkipped(reason),
  });
  const { syncCron: cron, syncTimezone: timezone } = config;
  logger.info({ cron, timezone, ...(http === null ? {} : { http: http.url }) }, 'service started');
  try {
    await service.run();
  } finally {
    await http?.close();
  }
  logger.info({}, 'service stopped');
}

function millisecondsOf(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant);
}
