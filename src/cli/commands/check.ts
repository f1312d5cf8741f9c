import type { Command } from 'commander';
import { judgeReadiness, toleratedAgeMs } from '../../schedule/http/readiness.ts';
import { createOccurrences } from '../../schedule/occurrences.ts';
import { loadHealth } from '../../warehouse/reads/load-health.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Invocation } from '../invocation.ts';
import { withWarehouse } from '../with-warehouse.ts';

export function addCheckCommand(program: Command, invocation: Invocation): void {
  program
    .command('check')
    .description(
      'Say in one line how fresh the data is and how the last cycle ended; exit code 1 when older than READY_MAX_AGE_MINUTES',
    )
    .option('--json', 'print it as JSON')
    .action((flags: { readonly json?: boolean }) => check(invocation, flags.json ?? false));
}

/** What `/readyz` of the service tells, for probes, cron and monitoring without one. */
async function check(invocation: Invocation, asJson: boolean): Promise<void> {
  const nowMs = invocation.surroundings.clock.now();
  const readiness = await withWarehouse(invocation, { tables: 'required' }, async ({ config, warehouse }) => {
    const occurrences = createOccurrences(config.syncCron, config.syncTimezone);
    const maxAgeMs = toleratedAgeMs(config.readyMaxAgeMinutes, occurrences, nowMs);
    return judgeReadiness(await loadHealth(warehouse.database), maxAgeMs, nowMs);
  });
  const { ready, reason } = readiness;
  const line = `${ready ? 'OK' : 'STALE'}: ${reason.replaceAll(/\s+/g, ' ')}`;
  invocation.print(asJson ? JSON.stringify(readiness) : line);
  invocation.exitCode = ready ? exitCodes.succeeded : exitCodes.failed;
}
