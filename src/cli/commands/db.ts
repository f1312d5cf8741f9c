import { once } from 'node:events';
import type { Command } from 'commander';
import { ConfigError } from '../../config/parse-config.ts';
import type { Invocation } from '../invocation.ts';
import { startEmbedded } from '../../app/find-server.ts';
import { letReaderRead } from '../../app/upkeep/let-reader-read.ts';
import { openDatabase } from '../../warehouse/connection/database.ts';
import { demoConfig } from '../demo-config.ts';

export function addDbCommand(program: Command, invocation: Invocation): void {
  program
    .command('db')
    .description(
      'Keep the embedded Postgres running until Ctrl-C and print a URL that reads it, for psql and BI tools',
    )
    .option('--demo', "the demo's Postgres instead")
    .action((flags: { readonly demo?: boolean }) => keepRunning(invocation, flags.demo ?? false));
}

async function keepRunning(invocation: Invocation, demo: boolean): Promise<void> {
  const configured = invocation.parseConfig();
  if (configured.databaseUrl !== null && !demo) {
    throw new ConfigError([
      'DATABASE_URL: set, so there is no embedded Postgres to keep running; db needs it unset',
    ]);
  }
  const config = demo ? demoConfig(configured) : configured;
  const logger = invocation.createLogger(config.logLevel);
  const { surroundings } = invocation;
  const { signal } = surroundings;
  const server = await startEmbedded(config, surroundings, logger);
  try {
    await prepareReader(server, config.databaseSchema);
    invocation.print(server.readerUrl);
    logger.info({}, 'the embedded Postgres is running; Ctrl-C stops it');
    await untilAborted(AbortSignal.any([signal, server.ended]));
    if (!signal.aborted) {
      throw new Error('the embedded Postgres has ended, and not by this command: run db again to start it');
    }
    invocation.exitBySignal();
  } finally {
    await server.release();
  }
}

/** For a warehouse whose tables are older than the role. */
async function prepareReader(
  { url, readerUrl }: { readonly url: string; readonly readerUrl: string },
  schema: string | null,
): Promise<void> {
  const database = openDatabase({ url, schema, maxConnections: 1 });
  try {
    await letReaderRead(database, readerUrl);
  } finally {
    await database.close();
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
