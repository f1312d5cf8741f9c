import { InvalidArgumentError, Option, type Command } from 'commander';
import { bringUpToDate } from '../../../app/bring-up-to-date.ts';
import { nameDatabaseFailures } from '../../../app/database-failure.ts';
import { describeDryRun } from './describe-dry-run.ts';
import type { Invocation } from '../../invocation.ts';
import { openWarehouse } from '../../../app/open-warehouse.ts';
import { parseSince } from './parse-since.ts';
import { planDryRun } from '../../../sync/plan/plan-dry-run.ts';
import { requireTables } from '../../../app/require-tables.ts';
import { findMigrationState } from '../../../warehouse/upkeep/migrate.ts';
import type { MonitorStates } from '../../../sync/ports.ts';
import { readSettingFlags } from '../../setting-flags.ts';
import { createRateBudget, cycleOptions, defaultSource, openSource } from '../../../app/run-cycle.ts';
import type { SyncRequest, SyncSetup } from '../../../app/run-cycle.ts';
import { syncByHand } from './sync-by-hand.ts';
import { describeSummary, exitCodeOf, summarize } from './sync-summary.ts';

interface SyncFlags {
  readonly full?: boolean;
  readonly monitor?: readonly string[];
  readonly since?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addSyncCommand(program: Command, invocation: Invocation): void {
  program
    .command('sync')
    .description('Bring the runs of every monitor into the warehouse; the first sync reads everything')
    .option('--full', 'read every list to its end, whatever is covered already')
    .option('--monitor <id>', 'only this monitor; may be given several times', collectIds)
    .addOption(
      new Option('--since <date>', 'read every list down to this day or instant, whatever is covered already')
        .argParser(parseSince)
        .conflicts('full'),
    )
    .option('--dry-run', 'say what would be read and why, without writing a run')
    .option('--json', 'print the summary as JSON')
    .action((flags: SyncFlags) => sync(program, invocation, flags));
}

function collectIds(id: string, others: readonly string[] = []): readonly string[] {
  if (id.trim() === '') throw new InvalidArgumentError('Expected the id of a monitor.');
  return [...others, id];
}

async function sync(program: Command, invocation: Invocation, flags: SyncFlags): Promise<void> {
  const { surroundings } = invocation;
  const config = invocation.parseConfig(readSettingFlags(program), ['exaApiKey']);
  const logger = invocation.createLogger(config.logLevel);
  const warehouse = await openWarehouse(config, surroundings, logger);
  try {
    if (flags.dryRun !== true) await bringUpToDate(warehouse, logger, surroundings.interruption.signal);
    const rate = createRateBudget(config, surroundings);
    const setup: SyncSetup = { config, warehouse, surroundings, logger, rate };
    const request: SyncRequest = {
      full: flags.full ?? false,
      since: flags.since ?? null,
      only: flags.monitor === undefined ? null : new Set(flags.monitor),
    };
    const work = flags.dryRun === true ? dryRun : runSync;
    await nameDatabaseFailures(warehouse.target, () => work(invocation, setup, request, flags.json ?? false));
  } finally {
    await warehouse.close();
  }
}

async function runSync(
  invocation: Invocation,
  setup: SyncSetup,
  request: SyncRequest,
  asJson: boolean,
): Promise<void> {
  const summary = summarize(await syncByHand(setup, invocation.screen, request), setup.warehouse.target);
  invocation.print(asJson ? JSON.stringify(summary) : describeSummary(summary));
  invocation.exitCode = exitCodeOf(summary.status, invocation.surroundings.interruption.exitCode());
}

async function dryRun(
  invocation: Invocation,
  setup: SyncSetup,
  request: SyncRequest,
  asJson: boolean,
): Promise<void> {
  const { config, surroundings } = setup;
  const plan = await planDryRun({
    source: openSource(setup),
    states: await loadStates(setup),
    nowMs: surroundings.clock.now(),
    options: cycleOptions(config, request),
    requestsPerSecond: config.exaRequestsPerSecond,
  });
  invocation.print(asJson ? JSON.stringify(plan) : describeDryRun(plan, config.exaRequestsPerSecond));
}

/** Nothing is known where there are no tables yet; a dry run makes none. */
async function loadStates({ warehouse, logger }: SyncSetup): Promise<MonitorStates> {
  const { isEmpty } = await findMigrationState(warehouse.database);
  if (isEmpty) {
    return {
      checkpoints: new Map(),
      monitorsWithRejectedRuns: new Set(),
      openRuns: new Map(),
      previousCycleAt: null,
    };
  }
  await requireTables(warehouse, logger);
  const [identity] = await warehouse.store.ensureSources([defaultSource]);
  if (identity === undefined) throw new Error('the warehouse knows no source');
  return warehouse.store.loadMonitorStates(identity.id);
}
