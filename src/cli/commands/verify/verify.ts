import { InvalidArgumentError, type Command } from 'commander';
import { verifyWarehouse } from '../../../sync/verify/verify-warehouse.ts';
import { createVerifyStore } from '../../../warehouse/reads/verify-store.ts';
import { nameDatabaseFailures } from '../../../app/database-failure.ts';
import { describeVerify } from './describe-verify.ts';
import { exitCodes } from '../../exit-codes.ts';
import type { Invocation } from '../../invocation.ts';
import { openWarehouse } from '../../../app/open-warehouse.ts';
import { requireTables } from '../../../app/require-tables.ts';
import { readSettingFlags } from '../../setting-flags.ts';
import { createRateBudget, openSource } from '../../../app/run-cycle.ts';

interface VerifyFlags {
  readonly monitor?: readonly string[];
  readonly sample?: number;
  readonly seed?: number;
  readonly json?: boolean;
}

const seeds = 2 ** 31;

export function addVerifyCommand(program: Command, invocation: Invocation): void {
  program
    .command('verify')
    .description('Read the API again and compare it with the warehouse; exit code 0 only when they are equal')
    .option('--monitor <id>', 'only this monitor; may be given several times', collectIds)
    .option('--sample <count>', 'only the runs of so many monitors, chosen at random', parseCount)
    .option('--seed <number>', 'choose the monitors of an earlier sample again', parseCount)
    .option('--json', 'print the report as JSON')
    .action((flags: VerifyFlags) => verify(program, invocation, flags));
}

function collectIds(id: string, others: readonly string[] = []): readonly string[] {
  if (id.trim() === '') throw new InvalidArgumentError('Expected the id of a monitor.');
  return [...others, id];
}

function parseCount(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

async function verify(program: Command, invocation: Invocation, flags: VerifyFlags): Promise<void> {
  const { surroundings } = invocation;
  const config = invocation.parseConfig(readSettingFlags(program), ['exaApiKey']);
  const logger = invocation.createLogger(config.logLevel);
  const warehouse = await openWarehouse(config, surroundings, logger);
  try {
    const seed = flags.seed ?? Math.floor(surroundings.random() * seeds);
    if (flags.sample !== undefined) logger.info(`the sample's seed is ${seed}`);
    const report = await nameDatabaseFailures(warehouse.target, async () => {
      await requireTables(warehouse, logger);
      const rate = createRateBudget(config, surroundings);
      return verifyWarehouse({
        source: openSource({ config, surroundings, rate }),
        store: createVerifyStore(warehouse.database),
        only: flags.monitor === undefined ? null : new Set(flags.monitor),
        sample: flags.sample === undefined ? null : { size: flags.sample, seed },
        concurrency: config.syncConcurrency,
        signal: surroundings.interruption.signal,
        observe: ({ verified, of }) => logger.debug(`${verified} of ${of} monitors verified`),
      });
    });
    const { equal } = report;
    invocation.print(flags.json === true ? JSON.stringify(report) : describeVerify(report));
    invocation.exitCode = equal ? exitCodes.succeeded : exitCodes.failed;
  } finally {
    await warehouse.close();
  }
}
