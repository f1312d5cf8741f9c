import type { Command } from 'commander';
import { collectDefaultMetrics } from 'prom-client';
import type { Endpoint } from '../../exa/request-event.ts';
import { createFiring } from '../../schedule/firing.ts';
import { Metrics } from '../../schedule/metrics.ts';
import { bringUpToDate } from '../bring-up-to-date.ts';
import type { Invocation } from '../invocation.ts';
import { openWarehouse } from '../open-warehouse.ts';
import { runSchedule } from '../run-schedule.ts';
import { readSettingFlags } from '../setting-flags.ts';
import { createRateBudget } from '../sync-once.ts';

export function addScheduleCommand(program: Command, invocation: Invocation): void {
  program
    .command('schedule')
    .description('Sync by a schedule until told to stop, with metrics and health checks over HTTP')
    .action(() => schedule(program, invocation));
}

/** Being told to stop is how this command succeeds, so a signal gives no exit code of its own. */
async function schedule(program: Command, invocation: Invocation): Promise<void> {
  const { surroundings, screen, redact } = invocation;
  const config = invocation.parseConfig(readSettingFlags(program), ['exaApiKey']);
  const logger = invocation.createLogger(config.logLevel);
  const warehouse = await openWarehouse(config, surroundings, logger);
  try {
    await bringUpToDate(warehouse, logger);
    const metrics = new Metrics();
    collectDefaultMetrics({ register: metrics.registry });
    const rate = createRateBudget(config, surroundings);
    const setup = {
      config,
      warehouse,
      surroundings,
      screen,
      logger,
      rate,
      withoutLimit: new Set<Endpoint>(),
    };
    await runSchedule({
      setup,
      metrics,
      redact,
      startFiring: createFiring(config.syncCron, config.syncTimezone),
    });
  } finally {
    await warehouse.close();
  }
}
