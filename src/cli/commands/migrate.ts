import type { Command } from 'commander';
import { bringUpToDate } from '../../app/bring-up-to-date.ts';
import type { Invocation } from '../invocation.ts';
import { openWarehouse } from '../../app/open-warehouse.ts';
import { readSettingFlags } from '../setting-flags.ts';

export function addMigrateCommand(program: Command, invocation: Invocation): void {
  program
    .command('migrate')
    .description("Create the warehouse's tables or bring them up to date; sync does so too")
    .option('--json', 'print the applied migrations as JSON')
    .action((flags: { readonly json?: boolean }) => migrate(program, invocation, flags.json ?? false));
}

async function migrate(program: Command, invocation: Invocation, asJson: boolean): Promise<void> {
  const config = invocation.parseConfig(readSettingFlags(program));
  const logger = invocation.createLogger(config.logLevel);
  const warehouse = await openWarehouse(config, invocation.surroundings, logger);
  try {
    const applied = await bringUpToDate(warehouse, logger, invocation.surroundings.interruption.signal);
    if (asJson) invocation.print(JSON.stringify({ applied }));
    else invocation.print(describe(applied));
  } finally {
    await warehouse.close();
  }
}

function describe(applied: readonly string[]): string {
  if (applied.length === 0) return 'Nothing to apply: the warehouse is up to date.';
  return applied.map((tag) => `Applied ${tag}`).join('\n');
}
