/** Connects to the server as its superuser, to nobody else and once. */
import postgres from 'postgres';
import { createDriverOptions } from '../../postgres/driver-options.ts';
import { connectErrors } from '../../postgres/errors.ts';
import { userName } from '../cluster.ts';
import { hasErrorCode } from '../error-code.ts';
import { checkSocketDirectory } from './socket-directory.ts';

const connectTimeoutMs = 5000;

export interface ServerAddress {
  /** Null: it has none, as on Windows, or as one that an earlier version has started. */
  readonly socketDirectory: string | null;
  readonly port: number;
  readonly password: string;
  readonly dataDirectory: string;
}

export interface ConnectionUse {
  readonly database: string;
  /** As the server shows it. */
  readonly name: string;
  readonly onclose?: () => void;
}

/**
 * A URL of the superuser, by the socket where there is one. On a port anybody may listen once the server has died: there
 * nothing but SCRAM is answered, by which the server proves itself, too.
 */
export function createOwnUrl({ socketDirectory, port, password }: ServerAddress, database: string): string {
  const host = socketDirectory === null ? '127.0.0.1' : encodeURIComponent(socketDirectory);
  return `postgres://${userName}:${encodeURIComponent(password)}@${host}:${port}/${database}?sslmode=disable&require_auth=scram-sha-256`;
}

/** A client whose connection is never renewed: what is held on it, a lock, is gone with it. */
export async function connectOnce(address: ServerAddress, use: ConnectionUse): Promise<postgres.Sql> {
  if (address.socketDirectory !== null) {
    await checkSocketDirectory(address.socketDirectory, address.dataDirectory);
  }
  return postgres({
    ...createDriverOptions(
      { url: createOwnUrl(address, use.database) },
      {
        parameters: { application_name: use.name },
        connectTimeoutMs,
        signal: new AbortController().signal,
        // The first statement tells, and none is queued behind it.
        onFailed: () => undefined,
        onLastWords: () => undefined,
      },
    ),
    max: 1,
    max_lifetime: null,
    idle_timeout: 0,
    connect_timeout: connectTimeoutMs / 1000,
    fetch_types: false,
    onnotice: () => undefined,
    ...(use.onclose === undefined ? {} : { onclose: use.onclose }),
  });
}

/** Whether an error says: no server, one that starts or stops, or one of somebody else. */
export function isNotServing(error: unknown): boolean {
  return hasErrorCode(
    error,
    'ENOENT',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'CONNECTION_ENDED',
    'CONNECTION_DESTROYED',
    connectErrors.closed,
    connectErrors.timeout,
    connectErrors.notPostgres,
    connectErrors.authentication,
    // cannot_connect_now, admin_shutdown, crash_shutdown
    '57P03',
    '57P01',
    '57P02',
    // invalid_password, invalid_authorization_specification, invalid_catalog_name: not our server
    '28P01',
    '28000',
    '3D000',
  );
}
