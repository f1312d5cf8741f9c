import type { Command } from 'commander';
import { bringUpToDate } from '../../app/upkeep/tables.ts';
import type { Invocation } from '../invocation.ts';
import { withWarehouse } from '../with-warehouse.ts';

export function addMigrateCommand(program: Command, invocation: Invocation): void {
  program
    .command('migrate')
    .description("Create the warehouse's tables or bring them up to date; sync does so too")
    .option('--json', 'print the applied migrations as JSON')
    .action((flags: { readonly json?: boolean }) => migrate(invocation, flags.json ?? false));
}

async function migrate(invocation: Invocation, asJson: boolean): Promise<void> {
  const { signal } = invocation.surroundings;
  const applied = await withWarehouse(
    invocation,
    { tables: 'as they are', mayMake: 'may make' } as const,
    ({ warehouse, logger }) => bringUpToDate(warehouse, logger, signal),
  );
  invocation.print(asJson ? JSON.stringify({ applied }) : describe(applied));
}

function describe(applied: readonly string[]): string {
  if (applied.length === 0) return 'Nothing to apply: the warehouse is up to date.';
  return applied.map((tag) => `Applied ${tag}`).join('\n');
}
