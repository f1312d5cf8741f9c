import type { AfterCycle } from '../../schedule/after-cycle.ts';
import { CycleAlerts } from '../../schedule/alerts/cycle-alerts.ts';
import { RunAlerts } from '../../schedule/alerts/run-alerts.ts';
import { createHeartbeat, createWebhook } from '../../schedule/alerts/webhook.ts';
import { Pruning } from '../../schedule/pruning.ts';
import type { StoredCycleHistory } from '../../warehouse/reads/load-cycle-history.ts';
import { loadNewFailureStreaks } from '../../warehouse/reads/load-failure-streaks.ts';
import { describeInOneLine } from '../describe-in-one-line.ts';
import { pruneWarehouse } from '../upkeep/prune-warehouse.ts';
import type { Redact } from '../redact.ts';
import type { SyncSetup } from '../run-cycle.ts';

const webhookTimeoutMs = 10_000;
const webhookGraceMs = 2000;

/** What follows a cycle, as the settings say; `stored` is what the cycles before this process tell. */
export function createAfterCycle(setup: SyncSetup, redact: Redact, stored: StoredCycleHistory): AfterCycle {
  const { config, warehouse, surroundings, logger } = setup;
  const { database } = warehouse;
  const { alertWebhookUrl: url, alertAfterFailedCycles, alertAfterFailedRuns } = config;
  const { host, clock, fetch, signal } = surroundings;
  const times = { timeoutMs: webhookTimeoutMs, graceMs: webhookGraceMs };
  const send = url === null ? null : createWebhook({ url, fetch, redact, signal, ...times });
  const { heartbeatUrl } = config;
  const { failedInARow: failedBefore, lastClosedCycleId: afterCycle } = stored;
  return {
    signal,
    logger,
    describe: describeInOneLine,
    cycleAlerts:
      send === null
        ? null
        : new CycleAlerts({ host, afterFailedCycles: alertAfterFailedCycles, failedBefore, send }),
    runAlerts:
      send === null || alertAfterFailedRuns === 0
        ? null
        : new RunAlerts({
            host,
            afterFailedRuns: alertAfterFailedRuns,
            afterCycle,
            loadNewStreaks: (wanted) => loadNewFailureStreaks(database, wanted),
            send,
          }),
    heartbeat: heartbeatUrl === null ? null : createHeartbeat({ url: heartbeatUrl, fetch, signal, ...times }),
    pruning: new Pruning({
      clock,
      logger,
      prune: () => pruneWarehouse(warehouse, clock, config.syncRetentionDays),
    }),
  };
}
