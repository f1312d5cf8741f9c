import { collectDefaultMetrics } from 'prom-client';
import { createFiring, type StartFiring } from '../../schedule/firing.ts';
import { Metrics } from '../../schedule/http/metrics.ts';
import { createOccurrences, type Occurrences } from '../../schedule/occurrences.ts';
import type { Redact } from '../redact.ts';
import type { SyncSetup } from '../run-cycle.ts';

/** What a service is made of. */
export interface ServiceParts {
  readonly setup: SyncSetup;
  readonly metrics: Metrics;
  /** For what leaves by HTTP: health checks and alerts. */
  readonly redact: Redact;
  readonly occurrences: Occurrences;
  readonly startFiring: StartFiring;
}

/** The parts of a service with real firings and the metrics of its process. */
export function createServiceParts(setup: SyncSetup, redact: Redact): ServiceParts {
  const { syncCron, syncTimezone } = setup.config;
  const occurrences = createOccurrences(syncCron, syncTimezone);
  const { accounts, exaApis } = setup.config;
  const metrics = new Metrics(accounts.flatMap(({ name }) => exaApis.map((api) => ({ account: name, api }))));
  collectDefaultMetrics({ register: metrics.registry });
  return {
    setup,
    metrics,
    redact,
    occurrences,
    startFiring: createFiring(syncCron, occurrences, setup.surroundings.clock),
  };
}
