import { once } from 'node:events';
import { isIP, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect,
  type ConnectionOptions,
  type SecureVersion,
  type TLSSocket,
} from 'node:tls';
import { createTlsRequest } from './client-message.ts';
import { ConnectError, connectErrors } from './errors.ts';
import { MessageReader, notPostgres } from './message-reader.ts';
import { readRefusal } from './start-session.ts';

/** How a connection is encrypted. */
export interface TlsSettings {
  /** What the server's certificate is checked for: nothing, who has signed it, and also whose it is. */
  readonly verify: 'nothing' | 'authority' | 'host';
  /** Null: the authorities that come with Node. */
  readonly authorities: string | null;
  readonly revoked: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
  readonly passphrase: string | null;
  readonly minVersion: SecureVersion | null;
  readonly maxVersion: SecureVersion | null;
  readonly sendsHostName: boolean;
  /** Without asking in the clear first. */
  readonly atOnce: boolean;
}

/**
 * Asks a server for encryption and encrypts; null when it has none to offer.
 * @throws ConnectError
 */
export async function encrypt(
  socket: Socket,
  host: string,
  tls: TlsSettings,
  signal: AbortSignal,
): Promise<TLSSocket | null> {
  if (!tls.atOnce && !(await requestEncryption(socket, signal))) return null;
  const encrypted = connect({ socket, ...createTlsOptions(host, tls) });
  // What comes after the handshake belongs to who uses the connection; an error that comes between ends it anyway.
  encrypted.on('error', () => undefined);
  try {
    await once(encrypted, 'secureConnect', { signal });
  } catch (error) {
    throw new ConnectError(connectErrors.tls, `it cannot be encrypted as asked: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return encrypted;
}

async function requestEncryption(socket: Socket, signal: AbortSignal): Promise<boolean> {
  const reader = new MessageReader(socket, signal);
  socket.write(createTlsRequest());
  const answer = await reader.takeByte();
  // What came in the clear before the encryption could be anybody's.
  if ((answer === 'S' || answer === 'N') && reader.unread.length > 0) throw notPostgres();
  if (answer === 'S') return true;
  if (answer === 'N') return false;
  if (answer !== 'E') throw notPostgres();
  socket.unshift(Buffer.concat([Buffer.from(answer), reader.unread]));
  throw readRefusal((await new MessageReader(socket, signal).takeMessage()).body);
}

function createTlsOptions(host: string, tls: TlsSettings): ConnectionOptions {
  const { verify, authorities, revoked, certificate, key, passphrase, minVersion, maxVersion } = tls;
  return {
    rejectUnauthorized: verify !== 'nothing',
    // The name that the settings have; Node would look for "localhost" when that is an address.
    checkServerIdentity: (_, peer) => (verify === 'host' ? checkServerIdentity(host, peer) : undefined),
    ...(tls.sendsHostName && isIP(host) === 0 ? { servername: host } : {}),
    ...(tls.atOnce ? { ALPNProtocols: ['postgresql'] } : {}),
    ...(authorities === null ? {} : { ca: authorities }),
    ...(revoked === null ? {} : { crl: revoked }),
    ...(certificate === null ? {} : { cert: certificate }),
    ...(key === null ? {} : { key }),
    ...(passphrase === null ? {} : { passphrase }),
    ...(minVersion === null ? {} : { minVersion }),
    ...(maxVersion === null ? {} : { maxVersion }),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
