import type { Command } from 'commander';
import { loadStatus } from '../../../warehouse/reads/load-status.ts';
import { nameDatabaseFailures } from '../../../app/database-failure.ts';
import { describeStatus } from './describe-status.ts';
import type { Invocation } from '../../invocation.ts';
import { demoWarehouseConfig, openWarehouse } from '../../../app/open-warehouse.ts';
import { requireTables } from '../../../app/require-tables.ts';
import { readSettingFlags } from '../../setting-flags.ts';

interface StatusFlags {
  readonly demo?: boolean;
  readonly json?: boolean;
}

/** What a person takes in at one look; programs get more. */
const limits = { cycles: 10, monitors: 20, openRuns: 10 };
const limitsForPrograms = { cycles: 100, monitors: 100_000, openRuns: 100_000 };

/** Runs take minutes: one that is open for longer than a day is stuck. */
const stuckAfterMs = 24 * 3_600_000;

export function addStatusCommand(program: Command, invocation: Invocation): void {
  program
    .command('status')
    .description('Show the last cycles, how fresh each monitor is, unfinished walks, open runs and errors')
    .option('--demo', "of the demo's warehouse")
    .option('--json', 'print it as JSON, with every monitor')
    .action((flags: StatusFlags) => showStatus(program, invocation, flags));
}

async function showStatus(program: Command, invocation: Invocation, flags: StatusFlags): Promise<void> {
  const configured = invocation.parseConfig(readSettingFlags(program));
  const config = flags.demo === true ? demoWarehouseConfig(configured) : configured;
  const logger = invocation.createLogger(config.logLevel);
  const warehouse = await openWarehouse(config, invocation.surroundings, logger);
  try {
    const asJson = flags.json === true;
    const nowMs = invocation.surroundings.clock.now();
    const stuckBefore = new Date(nowMs - stuckAfterMs).toISOString();
    const status = await nameDatabaseFailures(warehouse.target, async () => {
      await requireTables(warehouse, logger);
      return loadStatus(warehouse.database, { ...(asJson ? limitsForPrograms : limits), stuckBefore });
    });
    invocation.print(asJson ? JSON.stringify(status) : describeStatus(status, nowMs));
  } finally {
    await warehouse.close();
  }
}
