import type { Command } from 'commander';
import { AccountMemory } from '../../app/sources/open-sources.ts';
import type { Invocation } from '../invocation.ts';
import { withWarehouse } from '../with-warehouse.ts';

export function addScheduleCommand(program: Command, invocation: Invocation): void {
  program
    .command('schedule')
    .description('Sync by a schedule until told to stop, with metrics and health checks over HTTP')
    .action(() => schedule(invocation));
}

async function schedule(invocation: Invocation): Promise<void> {
  const { surroundings, redact, loadAccounts } = invocation;
  await withWarehouse(invocation, { needsKey: true, tables: 'up to date' }, async (atHand) => {
    // Loaded only here: the server and the metrics would make every other command start half a second later.
    const { createServiceParts } = await import('../../app/service/service-parts.ts');
    const { runService } = await import('../../app/service/run-service.ts');
    const setup = { ...atHand, surroundings, loadAccounts, memory: new AccountMemory() };
    await runService(createServiceParts(setup, redact));
    invocation.exitBySignal();
  });
}
