import { sql } from 'drizzle-orm';
import type { Config } from '../config/settings.ts';
import type { Logger } from '../sync/logger.ts';
import type { CycleStore } from '../sync/ports.ts';
import { takeCycleLock } from '../warehouse/cycle/cycle-lock.ts';
import { createCycleStore } from '../warehouse/cycle/cycle-store.ts';
import { openDatabase, type Database } from '../warehouse/connection/database.ts';
import { createDatabaseError } from './database-failure.ts';
import { findServer, type MayMake, type Server, type ServerConfig } from './find-server.ts';
import type { Surroundings } from './surroundings.ts';
import { unlessAborted } from '../warehouse/connection/unless-aborted.ts';

/** The settings that say where the warehouse is. */
export type WarehouseConfig = ServerConfig &
  Pick<Config, 'databaseSchema' | 'databasePatienceSeconds' | 'syncConcurrency'>;

export interface Warehouse extends Pick<Server, 'url' | 'environment' | 'readerUrl' | 'target' | 'place'> {
  readonly database: Database;
  readonly store: CycleStore;
  /** Does work during which no cycle may run. @throws LockHeldError when one does. */
  whileLocked<T>(work: () => Promise<T>): Promise<T>;
  /** Closes the connections and gives the embedded server back. */
  close(): Promise<void>;
}

/** One connection for the lock's holder to be read by, one for what does not belong to a monitor. */
const spareConnections = 2;
/** For one server of the URL, where that says nothing. */
const longestConnectMs = 10_000;

/**
 * Connects to the configured warehouse, starting the embedded server when none is configured.
 * @throws ConfigError, DatabaseUnavailableError, EmbeddedPostgresError, NoWarehouseError; the signal's reason.
 */
export async function openWarehouse(
  config: WarehouseConfig,
  surroundings: Pick<Surroundings, 'workingDirectory' | 'signal' | 'host' | 'pid'>,
  logger: Logger,
  mayMake: MayMake = 'may make',
): Promise<Warehouse> {
  const { signal, host, pid } = surroundings;
  const patienceMs = config.databasePatienceSeconds * 1000;
  const server = await findServer(config, surroundings, logger, mayMake);
  const { environment, target } = server;
  const options = {
    // Each new connection asks for it.
    get url() {
      return server.url;
    },
    environment,
    schema: config.databaseSchema ?? server.schema,
    maxConnections: config.syncConcurrency + spareConnections,
    patienceMs,
    connectTimeoutMs: Math.min(longestConnectMs, patienceMs),
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
    await unlessAborted(signal, () => database.transaction((tx) => tx.execute(sql`select 1`)));
  } catch (error) {
    await close(0);
    signal.throwIfAborted();
    throw createDatabaseError(error, target);
  }
  const store = createCycleStore(database, options, { host, pid });
  const whileLocked = async <T>(work: () => Promise<T>): Promise<T> => {
    const lock = await takeCycleLock(options, { host, pid }, database);
    try {
      return await work();
    } finally {
      await lock.release();
    }
  };
  const { readerUrl, place } = server;
  return {
    database,
    store,
    whileLocked,
    target,
    place,
    get url() {
      return server.url;
    },
    environment,
    readerUrl,
    close: () => close(),
  };
}
