import type { CycleResult } from '../sync/cycle.ts';
import { followCycle, type AfterCycle } from '../schedule/after-cycle.ts';
import { CycleAlerts } from '../schedule/alerts/cycle-alerts.ts';
import type { StartFiring } from '../schedule/firing.ts';
import { createHealthProbe } from '../schedule/http/health-probe.ts';
import { startHttpServer, type HttpServer } from '../schedule/http/http-server.ts';
import type { Metrics } from '../schedule/http/metrics.ts';
import type { Occurrences } from '../schedule/occurrences.ts';
import { Pruning } from '../schedule/pruning.ts';
import { defaultMaxAgeMs } from '../schedule/http/readiness.ts';
import { RunAlerts } from '../schedule/alerts/run-alerts.ts';
import { Service } from '../schedule/service.ts';
import { createWebhook } from '../schedule/alerts/webhook.ts';
import { loadCycleHistory, type StoredCycleHistory } from '../warehouse/reads/load-cycle-history.ts';
import { loadNewFailureStreaks } from '../warehouse/reads/load-failure-streaks.ts';
import { loadHealth } from '../warehouse/reads/load-health.ts';
import { pruneRecords } from '../warehouse/upkeep/prune.ts';
import { createDatabaseError, isDatabaseFailure, nameDatabaseFailures } from './database-failure.ts';
import { describeInOneLine } from './describe-error.ts';
import type { Redact } from './redact.ts';
import { syncOnce, type SyncSetup } from './run-cycle.ts';

export interface ScheduleOptions {
  readonly setup: SyncSetup;
  readonly metrics: Metrics;
  readonly redact: Redact;
  readonly occurrences: Occurrences;
  readonly startFiring: StartFiring;
}

const webhookTimeoutMs = 10_000;
const webhookGraceMs = 2000;
const probeTimeoutMs = 5000;
const everything = { full: false, since: null, only: null };

/** Runs cycles by the configured schedule until the interruption comes and the cycle at hand has ended. */
export async function runSchedule(options: ScheduleOptions): Promise<void> {
  const { setup, metrics, occurrences } = options;
  const { config, warehouse, surroundings, logger } = setup;
  const stored = await nameDatabaseFailures(warehouse.target, () => loadCycleHistory(warehouse.database));
  const http = await openHttp(options);
  const after = createAfterCycle(options, stored);
  const service = new Service({
    clock: surroundings.clock,
    sleep: surroundings.sleep,
    signal: surroundings.interruption.signal,
    logger,
    startFiring: options.startFiring,
    occurrences,
    history: {
      lastCompleteMs: millisecondsOf(stored.lastCompleteAt),
      failedInARow: stored.failedInARow,
      lastFailedMs: millisecondsOf(stored.lastFailedAt),
    },
    jitterShare: surroundings.random(),
    longestJitterMs: config.syncJitterSeconds * 1000,
    runCycle: () => runScheduledCycle(options),
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
  logger.info('service stopped');
}

function runScheduledCycle({ setup, metrics }: ScheduleOptions): Promise<CycleResult> {
  return nameDatabaseFailures(setup.warehouse.target, () =>
    syncOnce(setup, everything, {
      trigger: 'schedule',
      observe: (event) => metrics.observeCycle(event),
      onRequest: (event) => metrics.observeRequest(event),
    }),
  );
}

async function openHttp({
  setup,
  metrics,
  redact,
  occurrences,
}: ScheduleOptions): Promise<HttpServer | null> {
  const { config, warehouse, surroundings, logger } = setup;
  const { httpHost: host, httpPort: port, readyMaxAgeMinutes } = config;
  if (port === 0) return null;
  const probe = createHealthProbe({
    load: () => loadHealth(warehouse.database),
    sleep: surroundings.sleep,
    timeoutMs: probeTimeoutMs,
    logger,
  });
  const maxAgeMs = (nowMs: number): number =>
    readyMaxAgeMinutes === null ? defaultMaxAgeMs(occurrences, nowMs) : readyMaxAgeMinutes * 60_000;
  try {
    return await startHttpServer({ host, port, clock: surroundings.clock, metrics, probe, maxAgeMs, redact });
  } catch (error) {
    const ofPort =
      error instanceof Error && 'code' in error && ['EADDRINUSE', 'EACCES'].includes(String(error.code));
    const advice = ofPort
      ? 'HTTP_PORT to another port, or to 0 for none'
      : 'HTTP_HOST to an address of this machine';
    throw new Error(
      `${ofPort ? 'HTTP_PORT' : 'HTTP_HOST'}: cannot listen on ${host}:${port} (${describeInOneLine(error)}); set ${advice}`,
      { cause: error },
    );
  }
}

function createAfterCycle({ setup, redact }: ScheduleOptions, stored: StoredCycleHistory): AfterCycle {
  const { config, warehouse, surroundings, logger } = setup;
  const { database, target } = warehouse;
  const { alertWebhookUrl: url, alertAfterFailedCycles, alertAfterFailedRuns } = config;
  const { host, clock, fetch, interruption } = surroundings;
  const { signal } = interruption;
  const times = { timeoutMs: webhookTimeoutMs, graceMs: webhookGraceMs };
  const send = url === null ? null : createWebhook({ url, fetch, redact, signal, ...times });
  const wantsRuns = send !== null && alertAfterFailedRuns > 0;
  return {
    signal,
    logger,
    describe: (error) =>
      describeInOneLine(isDatabaseFailure(error) ? createDatabaseError(error, target) : error),
    cycleAlerts:
      send === null
        ? null
        : new CycleAlerts({
            host,
            afterFailedCycles: alertAfterFailedCycles,
            failedBefore: stored.failedInARow,
            send,
          }),
    runAlerts: wantsRuns
      ? new RunAlerts({
          host,
          afterFailedRuns: alertAfterFailedRuns,
          afterCycle: stored.lastClosedCycleId,
          loadNewStreaks: (wanted) => loadNewFailureStreaks(database, wanted),
          send,
        })
      : null,
    pruning: new Pruning({
      clock,
      logger,
      retentionDays: config.syncRetentionDays,
      prune: (cutoff, days) => pruneRecords(database, cutoff, days),
    }),
  };
}

function millisecondsOf(instant: string | null): number | null {
  return instant === null ? null : Date.parse(instant);
}
