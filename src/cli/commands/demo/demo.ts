import { sql } from 'drizzle-orm';
import type { Command } from 'commander';
import { AccountMemory } from '../../../app/sources/open-sources.ts';
import type { Warehouse } from '../../../app/open-warehouse.ts';
import { everything, type SyncSetup } from '../../../app/run-cycle.ts';
import { bringUpToDate } from '../../../app/upkeep/tables.ts';
import { loadAttention } from '../../../warehouse/reads/load-attention.ts';
import type { LogLevel } from '../../create-logger.ts';
import { exitCodes } from '../../exit-codes.ts';
import type { Invocation } from '../../invocation.ts';
import { withWarehouse } from '../../with-warehouse.ts';
import { describeAttention } from '../status/describe-attention.ts';
import { syncByHand } from '../sync/sync-by-hand.ts';
import { describeSummary, exitCodeOf, summarize } from '../sync/sync-summary.ts';
import { failureRatesQuery, loadFailureRates } from './demo-failure-rates.ts';

export function addDemoCommand(program: Command, invocation: Invocation): void {
  program
    .command('demo')
    .description('Sync a simulated account into an embedded Postgres and look at the result; needs no key')
    .action(() => demo(invocation));
}

/** Of those that need attention. */
const namedMonitors = 8;

/** Everything that `sync` does, against a server of our own. Each demo starts from an empty warehouse. */
async function demo(invocation: Invocation): Promise<void> {
  const { surroundings } = invocation;
  invocation.print('1. An embedded Postgres and a simulated Exa account with 20 monitors of 500 runs each.');
  // The simulator is loaded by nothing else: an installation that only syncs should not wait for a web server.
  const account = await import('./demo-account.ts');
  const wish = {
    demo: true,
    tables: 'as they are',
    mayMake: 'may make',
    // The demo tells its story itself; log lines would say the same again.
    logLevel: (configured: LogLevel) => (configured === 'info' ? 'warn' : configured),
  } as const;
  await withWarehouse(invocation, wish, async ({ config: configured, warehouse, logger }) => {
    await empty(warehouse);
    await bringUpToDate(warehouse, logger, surroundings.signal);
    const { simulator, changeQuery } = await account.startDemoAccount(surroundings.clock);
    try {
      const config = {
        ...configured,
        exaApis: ['websets'] as const,
        exaBaseUrl: simulator.url,
        exaRequestsPerSecond: account.demoRequestsPerSecond,
      };
      const loadAccounts = () => Promise.resolve([account.demoAccount]);
      const memory = new AccountMemory();
      const setup = { config, warehouse, surroundings, logger, loadAccounts, memory };
      await tellStory(invocation, setup, changeQuery);
    } finally {
      await simulator.close();
    }
  });
}

async function tellStory(invocation: Invocation, setup: SyncSetup, changeQuery: () => void): Promise<void> {
  const { warehouse } = setup;
  const { clock, stdout } = invocation.surroundings;
  invocation.print('\n2. The first sync reads everything.');
  if (!(await showSync(invocation, setup))) return;
  changeQuery();
  invocation.print(
    '\n3. The second sync, right after it: one request lists the monitors, one more for each run that is still open.',
  );
  if (!(await showSync(invocation, setup))) return;
  invocation.print('\n4. Which monitors need attention, and why? The first lines of `status` say it:\n');
  const attention = await warehouse.database.transaction((tx) => loadAttention(tx, namedMonitors));
  const width = stdout.isTTY && stdout.columns > 0 ? stdout.columns : null;
  invocation.print(describeAttention(attention, clock.now(), width));
  invocation.print(`\n5. Which monitors fail most often?\n\n${failureRatesQuery}\n`);
  invocation.print(await loadFailureRates(warehouse.database));
  invocation.print(describeNextSteps(warehouse));
}

/** @returns whether the demo goes on. */
async function showSync(invocation: Invocation, setup: SyncSetup): Promise<boolean> {
  const result = await syncByHand(setup, invocation.screen, everything);
  const summary = summarize(result);
  invocation.print(describeSummary(summary));
  invocation.exitCode = exitCodeOf(summary.status, invocation.surroundings.interruptedBy());
  return invocation.exitCode === exitCodes.succeeded;
}

/** What an earlier demo left: the same account at an earlier time, which would make the first sync an odd one. */
async function empty({ database }: Warehouse): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.execute(sql`drop schema public cascade`);
    await tx.execute(sql`create schema public`);
  });
}

function describeNextSteps({ readerUrl }: Warehouse): string {
  return `
6. Look around yourself (installed: exa-monitor-sync instead of npm run cli --):

     npm run cli -- query --demo                                        (a prompt; \\? for help)
     npm run cli -- query --demo --question changed-before-it-failed
     npm run cli -- query --questions

   The Postgres of this demo stops now; this keeps it running until Ctrl-C, for psql and BI tools:

     npm run cli -- db --demo
     psql '${readerUrl}'

   The real thing: EXA_API_KEY=… npm run sync`;
}
