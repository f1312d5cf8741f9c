import { collectDefaultMetrics } from 'prom-client';
import { ListLimits } from '../exa/list-limits.ts';
import { createFiring } from '../schedule/firing.ts';
import { Metrics } from '../schedule/http/metrics.ts';
import { createOccurrences } from '../schedule/occurrences.ts';
import type { Redact } from './redact.ts';
import { runSchedule } from './run-service.ts';
import type { SyncSetup } from './run-cycle.ts';

/** Runs the service with real firings and the metrics of its process, until the interruption comes. */
export async function serveSchedule(setup: SyncSetup, redact: Redact): Promise<void> {
  const { syncCron, syncTimezone } = setup.config;
  const occurrences = createOccurrences(syncCron, syncTimezone);
  const metrics = new Metrics();
  collectDefaultMetrics({ register: metrics.registry });
  await runSchedule({
    setup: { ...setup, limits: new ListLimits() },
    metrics,
    redact,
    occurrences,
    startFiring: createFiring(syncCron, occurrences, setup.surroundings.clock),
  });
}
