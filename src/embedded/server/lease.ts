/**
 * Who uses the server is kept in the server itself: every command holds a shared advisory lock on a connection of its
 * own. A killed command loses its connection and with it the lock, so nothing stale is ever left behind, and the one
 * that can take the lock exclusively at its end is the last.
 */
import { realpath } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import postgres from 'postgres';
import { userName } from '../cluster.ts';
import { hasErrorCode } from '../error-code.ts';

/** Marks servers that this program started; one that a person started by hand in the same directory is left running. */
export const clusterName = 'exa-monitor-sync';

/** Any number will do: no one else takes advisory locks in the maintenance database. */
const lockKey = 7_227_117;

const connectTimeoutSeconds = 5;

/** A command's stake in the running server. */
export interface Lease {
  readonly port: number;
  /** Aborts when the connection is gone, and with it the stake: given up, or the server has died. */
  readonly ended: AbortSignal;
  /**
   * Gives the stake up. When no other command has one, runs `stopServer` meanwhile keeping newcomers waiting until
   * the server is gone.
   */
  giveUp(stopServer: () => Promise<void>): Promise<void>;
}

export interface ServerAddress {
  readonly port: number;
  readonly password: string;
  readonly dataDirectory: string;
}

/** Takes a stake in the server of this data directory; null when that server does not answer on this port. */
export async function takeLease(address: ServerAddress): Promise<Lease | null> {
  const ended = new AbortController();
  const sql = connectOnce(address, () => ended.abort());
  try {
    const [row] = await sql<{ directory: string }[]>`select current_setting('data_directory') as directory`;
    const own =
      row !== undefined && (await realpath(row.directory)) === (await realpath(address.dataDirectory));
    if (own) {
      await sql`select pg_advisory_lock_shared(${lockKey})`;
      return {
        port: address.port,
        ended: ended.signal,
        giveUp: async (stopServer) => await giveUpLease(sql, stopServer),
      };
    }
  } catch (error) {
    if (!isNotServing(error)) {
      await sql.end({ timeout: 0 });
      throw error;
    }
  }
  await sql.end({ timeout: 0 });
  return null;
}

/**
 * A client whose connection is never renewed. The connection is the lock; and postgres.js would call for ever on a port
 * where somebody accepts connections and closes them, as a web server does with what it does not understand.
 */
function connectOnce({ port, password }: ServerAddress, onclose: () => void): postgres.Sql {
  let connected = false;
  const options = {
    host: '127.0.0.1',
    port,
    user: userName,
    password,
    // Advisory locks are per database; this one is always there.
    database: 'postgres',
    max: 1,
    max_lifetime: null,
    idle_timeout: 0,
    connect_timeout: connectTimeoutSeconds,
    fetch_types: false,
    onnotice: () => {},
    onclose,
    connection: { application_name: 'exa-monitor-sync lease' },
    // Documented by postgres.js, but missing in its types.
    socket: async (): Promise<Socket> => {
      if (connected) throw Object.assign(new Error('the server hung up'), { code: 'CONNECTION_CLOSED' });
      connected = true;
      return await openSocket(port);
    },
  };
  return postgres(options);
}

async function openSocket(port: number): Promise<Socket> {
  return await new Promise<Socket>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.removeListener('error', reject);
      resolve(socket);
    });
    socket.on('error', reject);
  });
}

async function giveUpLease(sql: postgres.Sql, stopServer: () => Promise<void>): Promise<void> {
  try {
    await sql`select pg_advisory_unlock_shared(${lockKey})`;
    const [row] = await sql<{ last: boolean }[]>`
      select current_setting('cluster_name') = ${clusterName} and pg_try_advisory_lock(${lockKey}) as last`;
    if (row?.last === true) await stopServer();
  } catch (error) {
    // The server is gone already, or going.
    if (!isNotServing(error)) throw error;
  } finally {
    await sql.end({ timeout: 0 });
  }
}

/** No server, one that starts or stops, or one of somebody else. */
function isNotServing(error: unknown): boolean {
  return hasErrorCode(
    error,
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'CONNECTION_CLOSED',
    'CONNECTION_ENDED',
    'CONNECTION_DESTROYED',
    'CONNECT_TIMEOUT',
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
