import { sql } from 'drizzle-orm';
import type { Command } from 'commander';
import type { Simulator } from '../../../simulator/http/server.ts';
import { bringUpToDate } from '../../../app/bring-up-to-date.ts';
import { nameDatabaseFailures } from '../../../app/database-failure.ts';
import { failureRatesQuery, loadFailureRates } from './demo-failure-rates.ts';
import { exitCodes } from '../../exit-codes.ts';
import type { Invocation } from '../../invocation.ts';
import { demoWarehouseConfig, openWarehouse, type Warehouse } from '../../../app/open-warehouse.ts';
import { readSettingFlags } from '../../setting-flags.ts';
import { createRateBudget, type SyncConfig, type SyncSetup } from '../../../app/run-cycle.ts';
import { syncByHand } from '../sync/sync-by-hand.ts';
import { describeSummary, exitCodeOf, summarize } from '../sync/sync-summary.ts';

export function addDemoCommand(program: Command, invocation: Invocation): void {
  program
    .command('demo')
    .description('Sync a simulated account into an embedded Postgres and look at the result; needs no key')
    .action(() => demo(program, invocation));
}

/** Everything that `sync` does, against a server of our own. Each demo starts from an empty warehouse. */
async function demo(program: Command, invocation: Invocation): Promise<void> {
  const configured = demoWarehouseConfig(invocation.parseConfig(readSettingFlags(program)));
  // The demo tells its story itself; log lines would say the same again.
  const logger = invocation.createLogger(configured.logLevel === 'info' ? 'warn' : configured.logLevel);
  const { surroundings } = invocation;
  invocation.print('1. An embedded Postgres and a simulated Exa account with 20 monitors of 500 runs each.');
  // The simulator is loaded by nothing else: an installation that only syncs should not wait for a web server.
  const account = await import('./demo-account.ts');
  const warehouse = await openWarehouse(configured, surroundings, logger);
  let simulator: Simulator | null = null;
  try {
    await empty(warehouse);
    await bringUpToDate(warehouse, logger, surroundings.interruption.signal);
    simulator = await account.startDemoAccount(surroundings.clock);
    const config: SyncConfig = {
      ...configured,
      exaApiKey: account.demoApiKey,
      exaBaseUrl: simulator.url,
      exaRequestsPerSecond: account.demoRequestsPerSecond,
    };
    const rate = createRateBudget(config, surroundings);
    await tellStory(invocation, { config, warehouse, surroundings, logger, rate });
  } finally {
    await simulator?.close();
    await warehouse.close();
  }
}

async function tellStory(invocation: Invocation, setup: SyncSetup): Promise<void> {
  const { warehouse } = setup;
  invocation.print('\n2. The first sync reads everything.');
  if (!(await showSync(invocation, setup))) return;
  invocation.print(
    '\n3. The second sync, right after it: one request lists the monitors, one more for each run that is still open.',
  );
  if (!(await showSync(invocation, setup))) return;
  invocation.print(`\n4. Which monitors fail most often?\n\n${failureRatesQuery}\n`);
  invocation.print(await loadFailureRates(warehouse.database));
  invocation.print(describeNextSteps(warehouse));
}

/** @returns whether the demo goes on. */
async function showSync(invocation: Invocation, setup: SyncSetup): Promise<boolean> {
  const result = await syncByHand(setup, invocation.screen, { full: false, since: null, only: null });
  const summary = summarize(result, setup.warehouse.target);
  invocation.print(describeSummary(summary));
  invocation.exitCode = exitCodeOf(summary.status, invocation.surroundings.interruption.exitCode());
  return invocation.exitCode === exitCodes.succeeded;
}

/** What an earlier demo left: the same account at an earlier time, which would make the first sync an odd one. */
async function empty({ database, target }: Warehouse): Promise<void> {
  await nameDatabaseFailures(target, () =>
    database.transaction(async (tx) => {
      await tx.execute(sql`drop schema public cascade`);
      await tx.execute(sql`create schema public`);
    }),
  );
}

function describeNextSteps({ url }: Warehouse): string {
  return `
5. Look around yourself. The Postgres of this demo stops now; this keeps it running until Ctrl-C:

     npm run cli -- db --demo          (installed: exa-monitor-sync db --demo)

   and this connects to it from another terminal; a BI tool takes the same URL:

     psql '${url}'

   The real thing: EXA_API_KEY=… npm run sync`;
}
