import { join, resolve } from 'node:path';
import { sql } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { Config } from '../config/settings.ts';
import type { EmbeddedPostgres } from '../embedded/use-embedded-postgres.ts';
import { ConfigError } from '../config/parse-config.ts';
import { ConnectionSettingError } from '../postgres/errors.ts';
import { loadConnectionSettings, type ConnectionSettings } from '../postgres/connection-settings.ts';
import type { Environment } from '../postgres/settings-files.ts';
import type { CycleStore } from '../sync/ports.ts';
import { createCycleStore } from '../warehouse/cycle/cycle-store.ts';
import { openDatabase, type Database } from '../warehouse/connection/database.ts';
import { createDatabaseError, type DatabaseTarget } from './database-failure.ts';
import type { Surroundings } from './surroundings.ts';
import { unlessInterrupted } from './unless-interrupted.ts';

/** The settings that say where the warehouse is. */
export type WarehouseConfig = Pick<
  Config,
  | 'databaseUrl'
  | 'databaseSchema'
  | 'databaseEnvironment'
  | 'embeddedPostgresDirectory'
  | 'embeddedPostgresPort'
  | 'syncConcurrency'
>;

export interface Warehouse {
  readonly database: Database;
  readonly store: CycleStore;
  /** For messages; holds no password. */
  readonly target: DatabaseTarget;
  /** The connection URL, password included. */
  readonly url: string;
  /** What the URL leaves out. */
  readonly environment: Environment;
  /** Closes the connections and gives the embedded server back. */
  close(): Promise<void>;
}

/** One connection for the lock's holder to be read by, one for what does not belong to a monitor. */
const spareConnections = 2;

/**
 * Connects to the configured warehouse, starting the embedded server when none is configured.
 * @throws ConfigError, DatabaseUnavailableError, EmbeddedPostgresError, InterruptedError
 */
export async function openWarehouse(
  config: WarehouseConfig,
  { workingDirectory, interruption, host, pid }: Surroundings,
  logger: Logger,
): Promise<Warehouse> {
  const server = await findServer(config, workingDirectory, interruption.signal, logger);
  const options = {
    url: server.url,
    environment: server.environment,
    schema: config.databaseSchema ?? server.schema,
    maxConnections: config.syncConcurrency + spareConnections,
  };
  const database = openDatabase(options);
  const close = async (timeoutMs?: number): Promise<void> => {
    try {
      await database.close(timeoutMs);
    } finally {
      await server.release();
    }
  };
  try {
    await unlessInterrupted(interruption.signal, () =>
      database.transaction((tx) => tx.execute(sql`select 1`)),
    );
  } catch (error) {
    await close(0);
    interruption.signal.throwIfAborted();
    throw createDatabaseError(error, server.target);
  }
  const store = createCycleStore(database, options, { host, pid });
  const { target, url, environment } = server;
  return { database, store, target, url, environment, close: () => close() };
}

interface Server {
  readonly url: string;
  readonly environment: Environment;
  /** That of the URL; null: it says nothing. */
  readonly schema: string | null;
  readonly target: DatabaseTarget;
  release(): Promise<void>;
}

async function findServer(
  config: WarehouseConfig,
  workingDirectory: string,
  signal: AbortSignal,
  logger: Logger,
): Promise<Server> {
  if (config.databaseUrl !== null) {
    const { databaseUrl: url, databaseEnvironment: environment } = config;
    const settings = await loadSettings(url, environment);
    const target = describeTarget(settings, 'DATABASE_URL');
    return { url, environment, target, schema: settings.schema, release: () => Promise.resolve() };
  }
  const server = await startEmbedded(config, workingDirectory, signal, logger);
  const { url } = server;
  // Psql's variables speak of another server than this one.
  const target = describeTarget(await loadSettings(url, {}), 'embedded Postgres');
  return { url, environment: {}, target, schema: null, release: () => server.release() };
}

async function loadSettings(url: string, environment: Environment): Promise<ConnectionSettings> {
  try {
    return await loadConnectionSettings(url, environment);
  } catch (error) {
    if (error instanceof ConnectionSettingError)
      throw new ConfigError([`DATABASE_URL: ${error.message}`], { cause: error });
    throw error;
  }
}

/** The embedded server of the configured directory; its code and binaries are loaded only here. */
export async function startEmbedded(
  config: Pick<WarehouseConfig, 'embeddedPostgresDirectory' | 'embeddedPostgresPort'>,
  workingDirectory: string,
  signal: AbortSignal,
  logger: Logger,
): Promise<Pick<EmbeddedPostgres, 'url' | 'ended' | 'release'>> {
  const { useEmbeddedPostgres } = await import('../embedded/use-embedded-postgres.ts');
  return useEmbeddedPostgres({
    dataDirectory: resolve(workingDirectory, config.embeddedPostgresDirectory),
    port: config.embeddedPostgresPort,
    log: (message) => logger.info(message),
    signal,
  });
}

/** The demo's own warehouse: an embedded server beside the one that holds real data, whatever is configured. */
export function demoWarehouseConfig<T extends WarehouseConfig>(config: T): T & WarehouseConfig {
  const port = config.embeddedPostgresPort;
  return {
    ...config,
    databaseUrl: null,
    databaseSchema: null,
    embeddedPostgresDirectory: join(config.embeddedPostgresDirectory, 'demo'),
    embeddedPostgresPort: port === 0 || port === 65_535 ? 0 : port + 1,
  };
}

function describeTarget({ places, user, database }: ConnectionSettings, setting: string): DatabaseTarget {
  const [first] = places;
  return { setting, host: first?.host ?? 'localhost', port: String(first?.port ?? 5432), user, database };
}
