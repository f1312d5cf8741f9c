import type { Duplex } from 'node:stream';
import { ConnectError, connectErrors } from './errors.ts';

/** One message of the server. */
export interface ServerMessage {
  /** Its kind, such as `R`. */
  readonly type: string;
  readonly body: Buffer;
  /** As it came. */
  readonly bytes: Buffer;
}

/** More than any message before the first statement needs; what claims to be longer is no Postgres, or a hostile one. */
const longestMessage = 64 * 1024;
const headLength = 5;
const knownTypes = 'EKNRSTDCZvI';

/** Reads from a socket that is not read otherwise, no further than it must. */
export class MessageReader {
  readonly #socket: Duplex;
  readonly #signal: AbortSignal;
  #unread = Buffer.alloc(0);

  constructor(socket: Duplex, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
  }

  /** What has been read of the socket and not been taken. */
  get unread(): Buffer {
    return this.#unread;
  }

  async takeByte(): Promise<string> {
    await this.#fill(1);
    return this.#take(1).toString('latin1');
  }

  async takeMessage(): Promise<ServerMessage> {
    await this.#fill(1);
    if (!knownTypes.includes(this.#unread.toString('latin1', 0, 1))) throw notPostgres();
    await this.#fill(headLength);
    const length = this.#unread.readUInt32BE(1) + 1;
    if (length < headLength || length > longestMessage) throw notPostgres();
    await this.#fill(length);
    const bytes = this.#take(length);
    return { type: bytes.toString('latin1', 0, 1), body: bytes.subarray(headLength), bytes };
  }

  #take(length: number): Buffer {
    const taken = this.#unread.subarray(0, length);
    this.#unread = this.#unread.subarray(length);
    return taken;
  }

  async #fill(length: number): Promise<void> {
    while (this.#unread.length < length) {
      const chunk: unknown = this.#socket.read();
      if (Buffer.isBuffer(chunk)) this.#unread = Buffer.concat([this.#unread, chunk]);
      else await waitForMore(this.#socket, this.#signal);
    }
  }
}

export function notPostgres(): ConnectError {
  return new ConnectError(connectErrors.notPostgres, 'what listens there does not answer as Postgres does');
}

/** @throws the socket's error, the signal's reason, or a `ConnectError` at its end. */
async function waitForMore(socket: Duplex, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const settle = (act: () => void) => (): void => {
      for (const [event, listener] of Object.entries(listeners)) socket.removeListener(event, listener);
      signal.removeEventListener('abort', aborted);
      act();
    };
    const ended = (): void =>
      reject(new ConnectError(connectErrors.closed, 'the connection was closed before the session began'));
    const listeners = {
      readable: settle(resolve),
      end: settle(ended),
      close: settle(ended),
      error: (error: Error) => settle(() => reject(error))(),
    };
    const aborted = settle(() => reject(toError(signal.reason)));
    for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener);
    signal.addEventListener('abort', aborted);
    if (socket.readableEnded || socket.destroyed) listeners.end();
  });
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('given up', { cause: reason });
}
