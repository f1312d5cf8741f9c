import { once } from 'node:events';
import { connect as openSocket, type Socket } from 'node:net';
import { loadPassword, loadTlsSettings } from './connection-secrets.ts';
import {
  socketPath,
  type ConnectionSettings,
  type ServerPlace,
  type TlsMode,
} from './connection-settings.ts';
import { encrypt, type TlsSettings } from './encrypt.ts';
import {
  ConnectError,
  connectErrors,
  ConnectionSettingError,
  NoHostError,
  ServerRefusedError,
  type HostFailure,
} from './errors.ts';
import type { Environment } from './settings-files.ts';
import { startSession } from './start-session.ts';

export interface ConnectOptions {
  readonly settings: ConnectionSettings;
  /** For the files of keys and passwords. */
  readonly environment: Environment;
  /** Settings of the session, for the startup message. */
  readonly parameters: Readonly<Record<string, string>>;
  /** For each place, where the settings say nothing. */
  readonly timeoutMs: number;
  /** Gives the attempt up. */
  readonly signal: AbortSignal;
}

/** A session that is ready for statements. */
export interface Session {
  readonly socket: Socket;
  readonly place: ServerPlace;
  readonly encrypted: boolean;
  /** What the server has said since it let the user in. */
  readonly greeting: Buffer;
}

type Way = 'plain' | 'encrypted' | 'encrypted if offered';

/** The ways that a mode allows, in the order in which they are tried. */
const waysByMode: Readonly<Record<TlsMode, readonly Way[]>> = {
  disable: ['plain'],
  allow: ['plain', 'encrypted'],
  prefer: ['encrypted if offered', 'plain'],
  require: ['encrypted'],
  'verify-ca': ['encrypted'],
  'verify-full': ['encrypted'],
};

/** A server that starts up, shuts down or recovers: another one may serve. */
const cannotConnectNow = '57P03';
/** No line of the server's `pg_hba.conf` fits this way of coming; another way may have one. */
const notThisWay = '28000';

/**
 * Begins a session with the first server that will have one.
 * @throws ConnectionSettingError, NoHostError, or of the only attempt ServerRefusedError, ConnectError, the socket's own.
 */
export async function connect(options: ConnectOptions): Promise<Session> {
  const { settings } = options;
  const failures: HostFailure[] = [];
  // Of servers that are no standby the first one will do, when none is a standby.
  const wishes = settings.target === 'prefer-standby' ? (['standby', 'any'] as const) : [settings.target];
  for (const target of wishes) {
    for (const place of settings.places) {
      const session = await tryPlace({ ...options, settings: { ...settings, target } }, place, failures);
      if (session !== null) return session;
    }
  }
  const [only, ...others] = failures;
  if (only !== undefined && others.length === 0) throw only.error;
  throw new NoHostError(failures);
}

/** @throws what no other server or way would change; otherwise adds to the failures. */
async function tryPlace(
  options: ConnectOptions,
  place: ServerPlace,
  failures: HostFailure[],
): Promise<Session | null> {
  const { settings, environment } = options;
  // As with psql: nobody can listen in on a Unix socket.
  const ways = place.address === null ? (['plain'] as const) : waysByMode[settings.tlsMode];
  const tls =
    ways.includes('encrypted') || ways.includes('encrypted if offered')
      ? await loadTlsSettings(settings, environment)
      : null;
  for (const way of ways) {
    try {
      return await attempt(options, place, way, tls);
    } catch (error) {
      options.signal.throwIfAborted();
      failures.push({ host: place.host, port: place.port, error });
      const next = decideNext(error);
      if (next === 'nothing') throw failures.length === 1 ? error : new NoHostError(failures);
      if (next === 'another place') return null;
    }
  }
  return null;
}

function decideNext(error: unknown): 'another way' | 'another place' | 'nothing' {
  if (error instanceof ServerRefusedError) {
    return error.code === notThisWay
      ? 'another way'
      : error.code === cannotConnectNow
        ? 'another place'
        : 'nothing';
  }
  if (error instanceof ConnectionSettingError) return 'nothing';
  if (!(error instanceof ConnectError)) return 'another place';
  if (error.code === connectErrors.tls) return 'another way';
  return error.code === connectErrors.authentication ? 'nothing' : 'another place';
}

async function attempt(
  options: ConnectOptions,
  place: ServerPlace,
  way: Way,
  tls: TlsSettings | null,
): Promise<Session> {
  const { settings, parameters, environment } = options;
  const timeout = new ConnectError(connectErrors.timeout, 'no answer in time');
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(timeout), settings.timeoutMs ?? options.timeoutMs);
  const signal = AbortSignal.any([options.signal, late.signal]);
  const sockets: Socket[] = [];
  try {
    const plain = await openPlain(place, settings.keepAliveMs, signal);
    sockets.push(plain);
    const socket = way === 'plain' || tls === null ? plain : await encryptIf(way, plain, place, tls, signal);
    sockets.push(socket);
    const { password, note } = await loadPassword(settings, place, environment);
    const greeting = await startSession(socket, {
      credentials: {
        user: settings.user,
        password,
        passwordNote: note,
        channelBinding: settings.channelBinding,
        requiresScram: settings.requiresScram,
      },
      parameters: {
        database: settings.database,
        client_encoding: 'UTF8',
        ...parameters,
        ...parametersOf(settings),
      },
      target: settings.target,
      signal,
    });
    return { socket, place, encrypted: socket !== plain, greeting };
  } catch (error) {
    for (const socket of sockets) socket.destroy();
    throw late.signal.aborted ? timeout : error;
  } finally {
    clearTimeout(timer);
  }
}

async function encryptIf(
  way: Way,
  plain: Socket,
  place: ServerPlace,
  tls: TlsSettings,
  signal: AbortSignal,
): Promise<Socket> {
  const encrypted = await encrypt(plain, place.host, tls, signal);
  if (encrypted !== null) return encrypted;
  if (way === 'encrypted if offered') return plain;
  throw new ConnectError(connectErrors.tls, 'it offers no encryption (TLS), and sslmode asks for it');
}

async function openPlain(
  place: ServerPlace,
  keepAliveMs: number | null,
  signal: AbortSignal,
): Promise<Socket> {
  const path = socketPath(place);
  const socket =
    path === null
      ? openSocket({ host: place.address ?? place.host, port: place.port })
      : openSocket({ path });
  // Nagle's algorithm holds a small message back until the one before is acknowledged, and the other side waits some 40 ms
  // with that: longer than a page takes to write.
  socket.setNoDelay(true);
  if (keepAliveMs !== null) socket.setKeepAlive(true, keepAliveMs);
  // Its errors come to who waits for it; one that comes between two waits ends the socket, which the next wait sees.
  socket.on('error', () => undefined);
  try {
    await once(socket, 'connect', { signal });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

function parametersOf({
  applicationName,
  serverOptions,
}: ConnectionSettings): Readonly<Record<string, string>> {
  return {
    ...(applicationName === null ? {} : { application_name: applicationName }),
    ...(serverOptions === null ? {} : { options: serverOptions }),
  };
}
