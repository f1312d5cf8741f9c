import { Option, type Command } from 'commander';
import { syncAndFollow } from '../../../app/service/sync-and-follow.ts';
import { AccountMemory } from '../../../app/sources/open-sources.ts';
import { planOnly } from '../../../app/plan-only.ts';
import type { SyncRequest, SyncSetup } from '../../../app/run-cycle.ts';
import type { Invocation } from '../../invocation.ts';
import { withWarehouse } from '../../with-warehouse.ts';
import { collectIds, parseInstant } from '../argument-parsers.ts';
import { addSourceFlags, selectSources, type SourceFlags } from '../source-flags.ts';
import { describeDryRun } from './describe-dry-run.ts';
import { syncByHand } from './sync-by-hand.ts';
import { describeSummary, exitCodeOf, summarize } from './sync-summary.ts';

interface SyncFlags extends SourceFlags {
  readonly full?: boolean;
  readonly monitor?: readonly string[];
  readonly since?: string;
  readonly acceptMissing?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addSyncCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('sync')
    .description('Bring the runs of every monitor into the warehouse; the first sync reads everything')
    .option('--full', 'read every list to its end, whatever is covered already')
    .option('--monitor <id>', 'only this monitor; may be given several times', collectIds)
    .addOption(
      new Option('--since <date>', 'read every list down to this day or instant, whatever is covered already')
        .argParser(parseInstant)
        .conflicts('full'),
    )
    .option(
      '--accept-missing',
      'mark monitors absent that the API does not have, even if that is most of them',
    )
    .option('--dry-run', 'say what would be read and why, without writing a run')
    .option('--json', 'print the summary as JSON')
    .action((flags: SyncFlags) => sync(invocation, flags));
  addSourceFlags(command);
}

export async function sync(invocation: Invocation, flags: SyncFlags): Promise<void> {
  const { surroundings } = invocation;
  const tables = flags.dryRun === true ? 'as they are' : 'up to date';
  const wish = { needsKey: true, tables } as const;
  await withWarehouse(invocation, wish, async (atHand) => {
    const { loadAccounts } = invocation;
    const setup = { ...atHand, surroundings, loadAccounts, memory: new AccountMemory() };
    const request: SyncRequest = {
      full: flags.full ?? false,
      since: flags.since ?? null,
      acceptMissing: flags.acceptMissing ?? false,
      only: flags.monitor === undefined ? null : new Set(flags.monitor),
      sources: selectSources(flags),
    };
    const work = flags.dryRun === true ? dryRun : runSync;
    await work(invocation, setup, request, flags.json ?? false);
  });
}

async function runSync(
  invocation: Invocation,
  setup: SyncSetup,
  request: SyncRequest,
  asJson: boolean,
): Promise<void> {
  const run = () => syncByHand(setup, invocation.screen, request);
  const summary = summarize(await syncAndFollow(setup, invocation.redact, request.only === null, run));
  invocation.print(asJson ? JSON.stringify(summary) : describeSummary(summary));
  invocation.exitCode = exitCodeOf(summary.status, invocation.surroundings.interruptedBy());
}

async function dryRun(
  invocation: Invocation,
  setup: SyncSetup,
  request: SyncRequest,
  asJson: boolean,
): Promise<void> {
  const { config } = setup;
  const plan = await planOnly(setup, request);
  invocation.print(asJson ? JSON.stringify(plan) : describeDryRun(plan, config.exaRequestsPerSecond));
}
