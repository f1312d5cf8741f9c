import { resolve } from 'node:path';
import { ConfigError } from '../config/parse-config.ts';
import type { Config } from '../config/settings.ts';
import type { EmbeddedPostgres } from '../embedded/use-embedded-postgres.ts';
import { loadConnectionSettings, type ConnectionSettings } from '../postgres/connection-settings.ts';
import { ConnectionSettingError } from '../postgres/errors.ts';
import type { Environment } from '../postgres/settings-files.ts';
import type { Logger } from '../sync/logger.ts';
import { WordedError, type DatabaseTarget } from './database-failure.ts';
import type { Surroundings } from './surroundings.ts';

/** The settings that say which server has the warehouse. */
export type ServerConfig = Pick<
  Config,
  'databaseUrl' | 'databaseEnvironment' | 'embeddedPostgresDirectory' | 'embeddedPostgresPort'
> & {
  /** The setting that the URL comes from, for messages; `DATABASE_URL` unless said otherwise. */
  readonly urlSetting?: string;
  /** The URL as it stands now, for each new connection; by default `databaseUrl` for good. */
  readonly currentDatabaseUrl?: () => string | null;
};

/** The Postgres server of a warehouse. */
export interface Server {
  /** Password included. It may change: passwords of managed databases live for minutes. */
  readonly url: string;
  /** What the URL leaves out. */
  readonly environment: Environment;
  /** That of the URL; null: it says nothing. */
  readonly schema: string | null;
  /** For BI tools, where the server is the embedded one; null where it is somebody else's. */
  readonly readerUrl: string | null;
  /** For messages; holds no password. */
  readonly target: DatabaseTarget;
  /** Which warehouse this is, for people: host and database, or the directory of the embedded one. */
  readonly place: string;
  /** Gives an embedded server back. */
  release(): Promise<void>;
}

/** There is no warehouse, and who asks for one only wants to look. */
class NoWarehouseError extends WordedError {
  override readonly name = 'NoWarehouseError';
}

/** Whether an embedded Postgres may be made where there is none: for those who write data. */
export type MayMake = 'may make' | 'must exist';

/**
 * The configured server; the embedded one when none is configured.
 * @throws ConfigError, EmbeddedPostgresError, NoWarehouseError
 */
export async function findServer(
  config: ServerConfig,
  surroundings: Pick<Surroundings, 'workingDirectory' | 'signal'>,
  logger: Logger,
  mayMake: MayMake,
): Promise<Server> {
  if (config.databaseUrl !== null) {
    const { databaseUrl: url, databaseEnvironment: environment, urlSetting = 'DATABASE_URL' } = config;
    const settings = await loadSettings(url, environment, urlSetting);
    const target = describeTarget(settings, urlSetting);
    const place = `${target.host}:${target.port}/${target.database}`;
    return {
      get url() {
        return config.currentDatabaseUrl?.() ?? url;
      },
      environment,
      schema: settings.schema,
      readerUrl: null,
      target,
      place,
      release: () => Promise.resolve(),
    };
  }
  if (mayMake === 'must exist') await requireEmbedded(config, surroundings);
  const server = await startEmbedded(config, surroundings, logger);
  const { url, readerUrl } = server;
  return {
    url,
    // Psql's variables speak of another server than this one.
    environment: {},
    schema: null,
    readerUrl,
    target: describeTarget(await loadSettings(url, {}, 'embedded Postgres'), 'embedded Postgres'),
    place: `embedded, in ${server.directory}`,
    release: () => server.release(),
  };
}

async function loadSettings(
  url: string,
  environment: Environment,
  setting: string,
): Promise<ConnectionSettings> {
  try {
    return await loadConnectionSettings(url, environment);
  } catch (error) {
    if (error instanceof ConnectionSettingError)
      throw new ConfigError([`${setting}: ${error.message}`], { cause: error });
    throw error;
  }
}

async function requireEmbedded(
  { embeddedPostgresDirectory }: ServerConfig,
  { workingDirectory }: Pick<Surroundings, 'workingDirectory'>,
): Promise<void> {
  const directory = resolve(workingDirectory, embeddedPostgresDirectory);
  const { hasEmbeddedData } = await import('../embedded/place/placement.ts');
  if (await hasEmbeddedData(directory)) return;
  throw new NoWarehouseError(
    `there is no warehouse yet: DATABASE_URL is not set, and no embedded Postgres is in ${directory}; set DATABASE_URL, or run exa-monitor-sync sync, which makes one there`,
  );
}

/** The embedded server of the configured directory; its code and binaries are loaded only here. */
export async function startEmbedded(
  config: Pick<ServerConfig, 'embeddedPostgresDirectory' | 'embeddedPostgresPort'>,
  { workingDirectory, signal }: Pick<Surroundings, 'workingDirectory' | 'signal'>,
  logger: Logger,
): Promise<EmbeddedPostgres> {
  const { useEmbeddedPostgres } = await import('../embedded/use-embedded-postgres.ts');
  return useEmbeddedPostgres({
    dataDirectory: resolve(workingDirectory, config.embeddedPostgresDirectory),
    port: config.embeddedPostgresPort,
    log: (message) => logger.info({}, message),
    signal,
  });
}

function describeTarget({ places, user, database }: ConnectionSettings, setting: string): DatabaseTarget {
  const [first] = places;
  return { setting, host: first?.host ?? 'localhost', port: String(first?.port ?? 5432), user, database };
}
