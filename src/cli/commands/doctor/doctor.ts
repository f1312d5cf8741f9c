import type { Command } from 'commander';
import { ConfigError } from '../../../config/parse-config.ts';
import type { Config } from '../../../config/settings.ts';
import { createOccurrences } from '../../../schedule/occurrences.ts';
import { checkApi, checkRate, missingKey } from './check-api.ts';
import { checkDatabase } from './check-database.ts';
import { describeChecks, failed, ok, skipped, type Check } from './check.ts';
import { exitCodes } from '../../exit-codes.ts';
import type { Invocation } from '../../invocation.ts';
import { openWarehouse } from '../../../app/open-warehouse.ts';
import { readSettingFlags } from '../../setting-flags.ts';
import { createRateBudget, openSource } from '../../../app/run-cycle.ts';

export function addDoctorCommand(program: Command, invocation: Invocation): void {
  program
    .command('doctor')
    .description('Look at configuration, key, database, clock and rate, and say what to do; changes no data')
    .option('--json', 'print the findings as JSON')
    .action((flags: { readonly json?: boolean }) => examine(program, invocation, flags.json ?? false));
}

async function examine(program: Command, invocation: Invocation, asJson: boolean): Promise<void> {
  const checks = await runChecks(program, invocation);
  const healthy = checks.every(({ state }) => state !== 'failed');
  invocation.print(asJson ? JSON.stringify({ ok: healthy, checks }) : describeChecks(checks));
  if (!healthy) invocation.exitCode = exitCodes.failed;
}

async function runChecks(program: Command, invocation: Invocation): Promise<readonly Check[]> {
  let config: Config;
  try {
    config = invocation.parseConfig(readSettingFlags(program));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [
      ...error.mistakes.map((mistake) => failed('configuration', mistake, 'correct the setting')),
      skipped('everything else', 'needs a configuration'),
    ];
  }
  const { surroundings } = invocation;
  const logger = invocation.createLogger('silent');
  const { exaApiKey } = config;
  const rate = createRateBudget(config, surroundings);
  const api =
    exaApiKey === null
      ? missingKey()
      : checkApi(
          (onEvent) => openSource({ config: { ...config, exaApiKey }, surroundings, rate }, onEvent),
          surroundings.clock,
        );
  const database = checkDatabase(
    () => openWarehouse(config, surroundings, logger),
    surroundings.interruption.signal,
  );
  const findings = await Promise.all([api, database]);
  return [
    describeConfiguration(config, surroundings.clock.now()),
    ...findings.flat(),
    checkRate(config.exaRequestsPerSecond),
  ];
}

function describeConfiguration({ syncCron, syncTimezone }: Config, nowMs: number): Check {
  const next = new Date(createOccurrences(syncCron, syncTimezone).nextAfter(nowMs)).toISOString();
  return ok('configuration', `valid; schedule would fire next at ${next}`);
}
