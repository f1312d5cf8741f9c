import type { Command } from 'commander';
import { stuckAfterMs } from '../../../sync/plan/open-run-schedule.ts';
import { loadStatus } from '../../../warehouse/reads/load-status.ts';
import { describeStatus } from './describe-status.ts';
import type { Invocation } from '../../invocation.ts';
import { withWarehouse } from '../../with-warehouse.ts';
import { addSourceFlags, selectSources, type SourceFlags } from '../source-flags.ts';

interface StatusFlags extends SourceFlags {
  readonly demo?: boolean;
  readonly json?: boolean;
}

/** What a person takes in at one look; programs get more. */
const limits = { cycles: 10, monitors: 20, openRuns: 10 };
const limitsForPrograms = { cycles: 100, monitors: 100_000, openRuns: 100_000 };

export function addStatusCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('status')
    .description(
      'Show which monitors need attention and why, then the last cycles, freshness, unfinished walks, open runs, errors',
    )
    .option('--demo', "of the demo's warehouse")
    .option('--json', 'print it as JSON, with every monitor')
    .action((flags: StatusFlags) => showStatus(invocation, flags));
  addSourceFlags(command);
}

async function showStatus(
  invocation: Invocation,
  { demo = false, json = false, ...sources }: StatusFlags,
): Promise<void> {
  const { clock, stdout } = invocation.surroundings;
  const nowMs = clock.now();
  const width = stdout.isTTY && stdout.columns > 0 ? stdout.columns : null;
  const stuckBefore = new Date(nowMs - stuckAfterMs).toISOString();
  await withWarehouse(invocation, { demo, tables: 'required' }, async ({ warehouse }) => {
    const wanted = { ...(json ? limitsForPrograms : limits), stuckBefore, ...selectSources(sources) };
    const status = await loadStatus(warehouse.database, wanted);
    invocation.print(json ? JSON.stringify(status) : describeStatus(status, warehouse.place, nowMs, width));
  });
}
