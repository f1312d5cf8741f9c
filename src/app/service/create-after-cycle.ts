import type { AfterCycle } from '../../schedule/after-cycle.ts';
import { CycleAlerts } from '../../schedule/alerts/cycle-alerts.ts';
import { RunAlerts } from '../../schedule/alerts/run-alerts.ts';
import { createHeartbeat, createWebhook, type SendAlert } from '../../schedule/alerts/webhook.ts';
import { Pruning } from '../../schedule/pruning.ts';
import { loadIncidents, saveIncidents } from '../../warehouse/cycle/incidents.ts';
import { loadNewFailureStreaks } from '../../warehouse/reads/load-failure-streaks.ts';
import { loadHealth } from '../../warehouse/reads/load-health.ts';
import { describeInOneLine } from '../describe-in-one-line.ts';
import { pruneWarehouse } from '../upkeep/prune-warehouse.ts';
import type { Redact } from '../redact.ts';
import type { SyncSetup } from '../run-cycle.ts';
import { ChangedAccountError } from '../sources/check-account.ts';

const webhookTimeoutMs = 10_000;
const webhookGraceMs = 2000;

/** What follows a cycle, as the settings say; `afterCycle`: the last one that a process before this one has looked at. */
export function createAfterCycle(setup: SyncSetup, redact: Redact, afterCycle: number): AfterCycle {
  const { config, warehouse, surroundings, logger } = setup;
  const { database } = warehouse;
  const { alertWebhookUrl: url, heartbeatUrl, alertAfterFailedRuns } = config;
  const { host, clock, fetch, signal } = surroundings;
  const times = { timeoutMs: webhookTimeoutMs, graceMs: webhookGraceMs };
  const send = url === null ? null : createWebhook({ url, fetch, redact, signal, ...times });
  return {
    signal,
    logger,
    cycleAlerts: send === null ? null : createCycleAlerts(setup, send),
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

function createCycleAlerts({ config, warehouse, surroundings }: SyncSetup, send: SendAlert): CycleAlerts {
  const { database } = warehouse;
  const { host, clock } = surroundings;
  return new CycleAlerts({
    host,
    clock,
    after: {
      failed: config.alertAfterFailedCycles,
      partial: config.alertAfterPartialCycles,
      stale: Math.min(config.alertAfterStaleMinutes, 1),
      account: 1,
    },
    staleAfterMs: config.alertAfterStaleMinutes * 60_000,
    loadReadAt: async () => (await loadHealth(database)).lastReadAt,
    load: () => loadIncidents(database),
    save: (incidents) => saveIncidents(database, incidents),
    isChangedAccount: (error) => error instanceof ChangedAccountError,
    describe: describeInOneLine,
    send,
  });
}
