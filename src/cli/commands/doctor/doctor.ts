import type { Command } from 'commander';
import { ConfigError } from '../../../config/parse-config.ts';
import type { Config } from '../../../config/settings.ts';
import { createOccurrences } from '../../../schedule/occurrences.ts';
import { checkAccounts, checkRate } from './check-api.ts';
import { checkDatabase } from './check-database.ts';
import { checkDotenv } from './check-dotenv.ts';
import { describeChecks, failed, ok, skipped, warning, type Check } from './check.ts';
import { exitCodes } from '../../exit-codes.ts';
import type { Invocation } from '../../invocation.ts';
import { openWarehouse } from '../../../app/open-warehouse.ts';

export function addDoctorCommand(program: Command, invocation: Invocation): void {
  program
    .command('doctor')
    .description('Look at configuration, key, database, clock and rate, and say what to do; changes no data')
    .option('--json', 'print the findings as JSON')
    .action((flags: { readonly json?: boolean }) => examine(invocation, flags.json ?? false));
}

async function examine(invocation: Invocation, asJson: boolean): Promise<void> {
  const checks = await runChecks(invocation);
  const healthy = checks.every(({ state }) => state !== 'failed');
  invocation.print(asJson ? JSON.stringify({ ok: healthy, checks }) : describeChecks(checks));
  if (!healthy) invocation.exitCode = exitCodes.failed;
}

async function runChecks(invocation: Invocation): Promise<readonly Check[]> {
  let config: Config;
  try {
    config = invocation.parseConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [
      ...error.mistakes.map((mistake) => failed('configuration', mistake, 'correct the setting')),
      skipped('everything else', 'needs a configuration'),
    ];
  }
  const { surroundings } = invocation;
  const logger = invocation.createLogger('silent');
  const api = checkAccounts(config, surroundings);
  const database = checkDatabase(
    () => openWarehouse(config, surroundings, logger, 'must exist'),
    surroundings,
  );
  const findings = await Promise.all([api, database]);
  return [
    describeConfiguration(config, surroundings.clock.now()),
    ...invocation
      .strangeNames()
      .map((line) => warning('configuration', line, 'correct the name, or ignore this')),
    ...(await checkDotenv(surroundings.workingDirectory)),
    ...findings.flat(),
    checkRate(config.exaRequestsPerSecond),
  ];
}

function describeConfiguration({ syncCron, syncTimezone }: Config, nowMs: number): Check {
  const next = new Date(createOccurrences(syncCron, syncTimezone).nextAfter(nowMs)).toISOString();
  return ok('configuration', `valid; schedule would fire next at ${next}`);
}
