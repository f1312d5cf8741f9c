/**
 * The library: what the command line does with a warehouse, for a program of somebody else's. It reads neither environment
 * nor `.env`, handles no signals, prints nothing and never ends the process.
 */
import { hostname } from 'node:os';
import { failInWords } from './app/database-failure.ts';
import { openWarehouse as connect, type Warehouse as OpenWarehouse } from './app/open-warehouse.ts';
import { createRedact, findSecrets } from './app/redact.ts';
import { AccountMemory } from './app/sources/open-sources.ts';
import { everything, syncOnce, type SyncSetup } from './app/run-cycle.ts';
import type { Surroundings } from './app/surroundings.ts';
import { bringUpToDate } from './app/upkeep/tables.ts';
import { createConfig, requireAccount, writeSettings } from './config/parse-config.ts';
import type { Account } from './config/settings.ts';
import type { Config, SettingName } from './config/settings.ts';
import { createDispatcher } from './exa/http/dispatcher.ts';
import { createHttpGet, type HttpGet } from './exa/http/http-get.ts';
import type { SourceRequestEvent } from './exa/http/request-event.ts';
import { sleep } from './exa/http/sleep.ts';
import type { CycleResult } from './sync/cycle.ts';
import { silentLogger, type Logger } from './sync/logger.ts';
import type { CycleObserver } from './sync/cycle-events.ts';
import type { Clock } from './sync/ports.ts';

export { DatabaseUnavailableError } from './app/database-failure.ts';
export { ConfigError } from './config/parse-config.ts';
export { InterruptedError, LockHeldError } from './sync/errors.ts';
export type { Clock, CycleObserver, CycleResult, HttpGet, Logger, SourceRequestEvent as RequestEvent };

/** Any of the settings; values are those that the texts in the environment stand for. */
export type Settings = Partial<Pick<Config, SettingName>>;

/** An account beside that of `exaApiKey`, or instead of it. */
export type AccountOption = Pick<Account, 'name' | 'apiKey'>;

export interface WarehouseOptions {
  /**
   * The settings of the README's table, in camel case: `databaseUrl` for `DATABASE_URL`. What is left out has its default.
   * Without `databaseUrl` an embedded Postgres keeps its files in `embeddedPostgresDirectory`.
   */
  readonly settings: Settings;
  /** Accounts by their names; by default the one of `exaApiKey`, which is `default`. */
  readonly accounts?: readonly AccountOption[];
  /** Where relative paths of the settings begin; by default the process's working directory. */
  readonly workingDirectory?: string;
  /** Told of migrations, cycles, alerts; by default nobody is. A pino logger is one. */
  readonly logger?: Logger;
  /** Tells the time of cycles; by default the system's. */
  readonly clock?: Clock;
  /** Asks the API; by default undici does. */
  readonly get?: HttpGet;
  /** Posts alerts; by default the global one. */
  readonly fetch?: typeof globalThis.fetch;
  /** Ends the opening. */
  readonly signal?: AbortSignal;
}

export interface CycleWishes {
  /** Read every list to its end, whatever is covered already. */
  readonly full?: boolean;
  /** Read every list down to this instant (RFC 3339), whatever is covered already. */
  readonly since?: string | null;
  /** Only these monitors. */
  readonly only?: ReadonlySet<string> | null;
  /** Ends the cycle: pages at hand are stored, nothing new is asked for, the next cycle goes on from there. */
  readonly signal?: AbortSignal;
  /** Told what happens. Must not throw. */
  readonly observe?: CycleObserver;
  /** Told of each request to the API, retry and wait. Must not throw. */
  readonly onRequest?: (event: SourceRequestEvent) => void;
}

/** A warehouse that is open until `close`. */
export interface Warehouse {
  /** The connection URL, password included. Of the embedded Postgres: by its Unix socket, as psql reads it (from 16 on). */
  readonly url: string;
  /** For BI tools, by the port of the embedded Postgres: its user can only read. Null: the server is somebody else's. */
  readonly readerUrl: string | null;
  /** Which one it is, for people: host and database, or the directory of the embedded Postgres. */
  readonly place: string;
  /** Brings the tables up to date. @returns the migrations that were applied. */
  migrate(): Promise<readonly string[]>;
  /**
   * Runs one cycle; the tables must be up to date. How it ended, also as `failed`, is in the result.
   * @throws LockHeldError when another cycle runs; DatabaseUnavailableError; ConfigError without a key.
   */
  runCycle(wishes?: CycleWishes): Promise<CycleResult>;
  /**
   * Runs cycles as the settings schedule them, with health checks, metrics and alerts, until the signal comes and the
   * cycle at hand has ended. The tables must be up to date.
   * @throws DatabaseUnavailableError; ConfigError without a key.
   */
  runService(options: { readonly signal: AbortSignal }): Promise<void>;
  /** Closes the connections; stops the embedded Postgres unless somebody else uses it. Call it when nothing runs any more. */
  close(): Promise<void>;
}

/** Opens the warehouse of the settings. @throws ConfigError with every mistake; DatabaseUnavailableError. */
export async function openWarehouse(options: WarehouseOptions): Promise<Warehouse> {
  const { logger = silentLogger } = options;
  const config = createConfig(options.settings);
  const surroundings = createSurroundings(options);
  const warehouse = await connect(config, surroundings, logger);
  const memory = new AccountMemory();
  const setUp = (signal: AbortSignal | undefined): SyncSetup => ({
    config,
    warehouse,
    surroundings: signal === undefined ? surroundings : { ...surroundings, signal },
    logger,
    loadAccounts: () => Promise.resolve(accountsOf(options, config)),
    memory,
  });
  return {
    url: warehouse.url,
    readerUrl: warehouse.readerUrl,
    place: warehouse.place,
    migrate: () => migrate(warehouse, logger, surroundings.signal),
    runCycle: async ({ signal, observe = ignore, onRequest = ignore, ...request } = {}) =>
      syncOnce(setUp(signal), { ...everything, ...request }, { trigger: 'manual', observe, onRequest }),
    runService: async ({ signal }) => {
      const setup = setUp(signal);
      const { createServiceParts } = await import('./app/service/service-parts.ts');
      const { runService } = await import('./app/service/run-service.ts');
      await runService(createServiceParts(setup, createRedact(findSecrets([writeSettings(config)]))));
    },
    close: () => warehouse.close(),
  };
}

function migrate(warehouse: OpenWarehouse, logger: Logger, signal: AbortSignal): Promise<readonly string[]> {
  return failInWords(warehouse.target, () => bringUpToDate(warehouse, logger, signal));
}

function accountsOf({ accounts }: WarehouseOptions, config: Config): readonly Account[] {
  if (accounts !== undefined)
    return accounts.map((account) => ({ ...account, keyName: `the key of ${account.name}` }));
  requireAccount(config);
  return config.accounts;
}

function createSurroundings(options: WarehouseOptions): Surroundings {
  return {
    workingDirectory: options.workingDirectory ?? process.cwd(),
    signal: options.signal ?? new AbortController().signal,
    get: options.get ?? createHttpGet(createDispatcher({})),
    fetch: options.fetch ?? globalThis.fetch,
    clock: options.clock ?? { now: () => Date.now() },
    sleep,
    random: () => Math.random(),
    host: hostname(),
    pid: process.pid,
  };
}

function ignore(): void {}
