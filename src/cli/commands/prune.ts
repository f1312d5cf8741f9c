import type { Command } from 'commander';
import { pruneWarehouse } from '../../app/upkeep/prune-warehouse.ts';
import type { Invocation } from '../invocation.ts';
import { withWarehouse } from '../with-warehouse.ts';

export function addPruneCommand(program: Command, invocation: Invocation): void {
  program
    .command('prune')
    .description(
      'Delete records of cycles and rejected runs older than SYNC_RETENTION_DAYS; sync does so too',
    )
    .option('--json', 'print what was deleted as JSON')
    .action((flags: { readonly json?: boolean }) => prune(invocation, flags.json ?? false));
}

async function prune(invocation: Invocation, asJson: boolean): Promise<void> {
  const { clock } = invocation.surroundings;
  const pruned = await withWarehouse(invocation, { tables: 'required' }, ({ config, warehouse }) =>
    pruneWarehouse(warehouse, clock, config.syncRetentionDays),
  );
  const { cycles, rejectedRuns } = pruned;
  invocation.print(
    asJson
      ? JSON.stringify(pruned)
      : `Deleted records of ${cycles} cycles and ${rejectedRuns} rejected runs.`,
  );
}
