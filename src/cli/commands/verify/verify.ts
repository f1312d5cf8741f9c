import type { Command } from 'commander';
import { AccountMemory } from '../../../app/sources/open-sources.ts';
import { verifySources } from '../../../app/verify-sources.ts';
import { describeVerify } from './describe-verify.ts';
import { exitCodes } from '../../exit-codes.ts';
import type { Invocation } from '../../invocation.ts';
import { withWarehouse } from '../../with-warehouse.ts';
import { collectIds, wholeNumberFrom } from '../argument-parsers.ts';
import { addSourceFlags, selectSources, type SourceFlags } from '../source-flags.ts';

interface VerifyFlags extends SourceFlags {
  readonly monitor?: readonly string[];
  readonly sample?: number;
  readonly seed?: number;
  readonly json?: boolean;
}

const seeds = 2 ** 31;

export function addVerifyCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('verify')
    .description('Read the API again and compare it with the warehouse; exit code 0 only when they are equal')
    .option('--monitor <id>', 'only this monitor; may be given several times', collectIds)
    .option(
      '--sample <count>',
      'only the runs of so many monitors, chosen at random',
      wholeNumberFrom(1, 1e9),
    )
    .option('--seed <number>', 'choose the monitors of an earlier sample again', wholeNumberFrom(0, seeds))
    .option('--json', 'print the report as JSON')
    .action((flags: VerifyFlags) => verify(invocation, flags));
  addSourceFlags(command);
}

async function verify(invocation: Invocation, flags: VerifyFlags): Promise<void> {
  const { surroundings, loadAccounts } = invocation;
  const wish = { needsKey: true, tables: 'required' } as const;
  const report = await withWarehouse(invocation, wish, (atHand) => {
    const seed = flags.seed ?? Math.floor(surroundings.random() * seeds);
    if (flags.sample !== undefined) atHand.logger.info({}, `the sample's seed is ${seed}`);
    const setup = { ...atHand, surroundings, loadAccounts, memory: new AccountMemory() };
    return verifySources(setup, {
      only: flags.monitor === undefined ? null : new Set(flags.monitor),
      sample: flags.sample === undefined ? null : { size: flags.sample, seed },
      sources: selectSources(flags),
    });
  });
  invocation.print(flags.json === true ? JSON.stringify(report) : describeVerify(report));
  invocation.exitCode = report.equal ? exitCodes.succeeded : exitCodes.failed;
}
