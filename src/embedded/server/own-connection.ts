/** Connects to the server as its superuser, to nobody else and once. */
import { type Socket, connect } from 'node:net';
import postgres from 'postgres';
import { userName } from '../cluster.ts';
import { hasErrorCode } from '../error-code.ts';
import { allowOnlyScram, notScram } from './scram-only.ts';
import { checkSocketDirectory, socketPath } from './socket-directory.ts';

const connectTimeoutSeconds = 5;

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
 * A client whose connection is never renewed: what is held on it, a lock, is gone with it. And postgres.js would call for
 * ever on a port where somebody accepts connections and closes them, as a web server does with what it does not understand.
 */
export function connectOnce(address: ServerAddress, use: ConnectionUse): postgres.Sql {
  let connected = false;
  const options = {
    host: '127.0.0.1',
    port: address.port,
    user: userName,
    password: address.password,
    database: use.database,
    max: 1,
    max_lifetime: null,
    idle_timeout: 0,
    connect_timeout: connectTimeoutSeconds,
    fetch_types: false,
    onnotice: () => {},
    ...(use.onclose === undefined ? {} : { onclose: use.onclose }),
    connection: { application_name: use.name },
    // Documented by postgres.js, but missing in its types.
    socket: async (): Promise<Socket> => {
      if (connected) throw Object.assign(new Error('the server hung up'), { code: 'CONNECTION_CLOSED' });
      connected = true;
      return await openSocket(address);
    },
  };
  return postgres(options);
}

async function openSocket({ socketDirectory, port, dataDirectory }: ServerAddress): Promise<Socket> {
  if (socketDirectory !== null) await checkSocketDirectory(socketDirectory, dataDirectory);
  return await new Promise<Socket>((resolve, reject) => {
    const socket =
      socketDirectory === null ? connect(port, '127.0.0.1') : connect(socketPath(socketDirectory, port));
    // On a port anybody may listen, once the server has died.
    if (socketDirectory === null) allowOnlyScram(socket);
    socket.on('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
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
    'CONNECTION_CLOSED',
    'CONNECTION_ENDED',
    'CONNECTION_DESTROYED',
    'CONNECT_TIMEOUT',
    notScram,
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
