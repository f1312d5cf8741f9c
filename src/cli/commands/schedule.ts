import type { Command } from 'commander';
import { createRateBudget } from '../../app/run-cycle.ts';
import type { Invocation } from '../invocation.ts';
import { withWarehouse } from '../with-warehouse.ts';

export function addScheduleCommand(program: Command, invocation: Invocation): void {
  program
    .command('schedule')
    .description('Sync by a schedule until told to stop, with metrics and health checks over HTTP')
    .action(() => schedule(invocation));
}

async function schedule(invocation: Invocation): Promise<void> {
  const { surroundings, redact } = invocation;
  await withWarehouse(invocation, { required: ['exaApiKey'], tables: 'up to date' }, async (atHand) => {
    const rate = createRateBudget(atHand.config, surroundings);
    // Loaded only here: the server and the metrics would make every other command start half a second later.
    const { createServiceParts } = await import('../../app/service-parts.ts');
    const { runService } = await import('../../app/run-service.ts');
    await runService(createServiceParts({ ...atHand, surroundings, rate }, redact));
    invocation.exitBySignal();
  });
}
