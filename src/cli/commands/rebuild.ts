import type { Command } from 'commander';
import { unlessAborted } from '../../warehouse/connection/unless-aborted.ts';
import { rebuildAllSummaries } from '../../warehouse/upkeep/heal-summaries.ts';
import type { Invocation } from '../invocation.ts';
import { withWarehouse } from '../with-warehouse.ts';

export function addRebuildCommand(program: Command, invocation: Invocation): void {
  program
    .command('rebuild')
    .description('Compute anew what is derived from the runs, after somebody changed them with triggers off')
    .option('--json', 'print what was rebuilt as JSON')
    .action((flags: { readonly json?: boolean }) => rebuild(invocation, flags.json ?? false));
}

async function rebuild(invocation: Invocation, asJson: boolean): Promise<void> {
  const { signal } = invocation.surroundings;
  const { monitors, rebuilt } = await withWarehouse(invocation, { tables: 'required' }, ({ warehouse }) =>
    unlessAborted(signal, () => rebuildAllSummaries(warehouse.database)),
  );
  invocation.print(
    asJson
      ? JSON.stringify({ monitors, rebuilt })
      : `Looked at the summaries of ${monitors} monitors; ${rebuilt} were wrong and were computed anew.`,
  );
}
