import { once } from 'node:events';
import type { Command } from 'commander';
import { ConfigError } from '../../config/parse-config.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Invocation } from '../invocation.ts';
import { demoWarehouseConfig, startEmbedded } from '../../app/open-warehouse.ts';
import { readSettingFlags } from '../setting-flags.ts';

export function addDbCommand(program: Command, invocation: Invocation): void {
  program
    .command('db')
    .description('Keep the embedded Postgres running until Ctrl-C and print its URL, for psql and BI tools')
    .option('--demo', "the demo's Postgres instead")
    .action((flags: { readonly demo?: boolean }) => keepRunning(program, invocation, flags.demo ?? false));
}

/** Only a signal ends it as it should, and its exit code says which, as that of every other command does. */
async function keepRunning(program: Command, invocation: Invocation, demo: boolean): Promise<void> {
  const configured = invocation.parseConfig(readSettingFlags(program));
  if (configured.databaseUrl !== null && !demo) {
    throw new ConfigError([
      'DATABASE_URL: set, so there is no embedded Postgres to keep running; db needs it unset',
    ]);
  }
  const config = demo ? demoWarehouseConfig(configured) : configured;
  const logger = invocation.createLogger(config.logLevel);
  const { workingDirectory, interruption } = invocation.surroundings;
  const server = await startEmbedded(config, workingDirectory, interruption.signal, logger);
  try {
    invocation.print(server.url);
    logger.info('the embedded Postgres is running; Ctrl-C stops it');
    await untilAborted(AbortSignal.any([interruption.signal, server.ended]));
    if (!interruption.signal.aborted) {
      throw new Error('the embedded Postgres has ended, and not by this command: run db again to start it');
    }
    invocation.exitCode = interruption.exitCode() ?? exitCodes.succeeded;
  } finally {
    await server.release();
  }
}

/** Waits for the signal. A listener alone does not keep a process alive, so a timer that never matters does. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const longestTimerMs = 2_147_483_647;
  const keepAlive = setInterval(() => undefined, longestTimerMs);
  try {
    await once(signal, 'abort');
  } finally {
    clearInterval(keepAlive);
  }
}
