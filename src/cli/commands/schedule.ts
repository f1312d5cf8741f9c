import type { Command } from 'commander';
import { bringUpToDate } from '../../app/bring-up-to-date.ts';
import { exitCodes } from '../exit-codes.ts';
import { compileLess } from '../heap.ts';
import type { Invocation } from '../invocation.ts';
import { openWarehouse } from '../../app/open-warehouse.ts';
import { readSettingFlags } from '../setting-flags.ts';
import { createRateBudget } from '../../app/run-cycle.ts';

export function addScheduleCommand(program: Command, invocation: Invocation): void {
  program
    .command('schedule')
    .description('Sync by a schedule until told to stop, with metrics and health checks over HTTP')
    .action(() => schedule(program, invocation));
}

/** Only a signal ends the service, and its exit code says which, as that of an interrupted `sync` does. */
async function schedule(program: Command, invocation: Invocation): Promise<void> {
  compileLess();
  const { surroundings, redact } = invocation;
  const config = invocation.parseConfig(readSettingFlags(program), ['exaApiKey']);
  const logger = invocation.createLogger(config.logLevel);
  const warehouse = await openWarehouse(config, surroundings, logger);
  try {
    await bringUpToDate(warehouse, logger, surroundings.interruption.signal);
    const rate = createRateBudget(config, surroundings);
    const setup = { config, warehouse, surroundings, logger, rate };
    // Loaded only here: the server and the metrics would make every other command start half a second later.
    const { serveSchedule } = await import('../../app/serve-service.ts');
    await serveSchedule(setup, redact);
    invocation.exitCode = surroundings.interruption.exitCode() ?? exitCodes.succeeded;
  } finally {
    await warehouse.close();
  }
}
