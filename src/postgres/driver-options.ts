import type { Socket } from 'node:net';
import { connect } from './connect.ts';
import { loadConnectionSettings } from './connection-settings.ts';
import { ConnectError, connectErrors, type ServerRefusedError } from './errors.ts';
import type { Environment } from './settings-files.ts';
import { readLastWords } from './start-session.ts';

/** Where a database is. */
export interface ConnectionTarget {
  /** As `DATABASE_URL` has it. */
  readonly url: string;
  /** Where psql's variables are looked for, and the home of its files. Default: nothing is set. */
  readonly environment?: Environment;
}

export interface SessionOptions {
  /** Of the startup message; an `application_name` of the URL comes first. */
  readonly parameters: Readonly<Record<string, string>>;
  /** For each server of the URL, where that says nothing. */
  readonly connectTimeoutMs: number;
  /** Gives an attempt up that is under way, and cuts off what it has led to: the driver would wait for the other side. */
  readonly signal: AbortSignal;
  /** The driver tells only the first statement, and lets those that queue behind it wait for ever. */
  readonly onFailed: () => void;
  /** What the server says before it hangs up. The driver forgets it when it waits for the end of an answer. */
  readonly onLastWords: (words: ServerRefusedError) => void;
}

/**
 * Options with which the driver connects once, and nowhere but where URL and environment say. It would guess from both by
 * itself, know half of the parameters, take a refused encryption for an accepted one, and call again where somebody hangs
 * up. Here it is handed a session that has begun. Its own `cancel` does not work then.
 */
export function createDriverOptions(target: ConnectionTarget, options: SessionOptions) {
  let called = false;
  return {
    // Read by the driver for its messages only, but looked for in the environment where they are missing.
    host: 'postgres',
    port: 5432,
    user: 'postgres',
    database: 'postgres',
    password: '',
    ssl: false,
    sslnegotiation: null,
    target_session_attrs: undefined,
    keep_alive: null,
    socket: async (): Promise<Socket> => {
      try {
        if (called) throw new ConnectError(connectErrors.closed, 'the connection was closed');
        called = true;
        return await openSession(target, options);
      } catch (error) {
        options.onFailed();
        throw error;
      }
    },
  };
}

async function openSession(target: ConnectionTarget, options: SessionOptions): Promise<Socket> {
  const { parameters, connectTimeoutMs: timeoutMs, signal, onLastWords } = options;
  const environment = target.environment ?? {};
  const settings = await loadConnectionSettings(target.url, environment);
  const { socket, place, greeting } = await connect({ settings, environment, parameters, timeoutMs, signal });
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  onFirstWrite(socket, () => {
    // Not earlier: the driver reads from now on, and what comes before that must wait for it.
    socket.on('data', (bytes: Buffer) => {
      const words = readLastWords(bytes);
      if (words !== null) onLastWords(words);
    });
  });
  socket.unshift(greeting);
  return Object.assign(socket, { host: place.host, port: place.port });
}

/** Takes the driver's startup message, whose length it begins with, off its first write: the session has begun. */
function onFirstWrite(socket: Socket, then: () => void): void {
  const value = (bytes: Buffer, done?: () => void): boolean => {
    Reflect.deleteProperty(socket, 'write');
    then();
    return socket.write(bytes.subarray(bytes.readUInt32BE(0)), done);
  };
  Object.defineProperty(socket, 'write', { configurable: true, value });
}
