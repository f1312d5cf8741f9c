/**
 * A connection pooler in transaction mode, as PgBouncer is one: a server connection belongs to a client only from the
 * first message of a transaction to its end, then to whoever needs one next. What a client leaves behind on it (locks of
 * the session, prepared statements, settings) stays there, for others to meet.
 */
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A message of the protocol: a type of one byte, the length, the rest. The first one of a client has no type. */
class Frames {
  readonly #onFrame: (type: string, frame: Buffer) => void;
  #typed: boolean;
  #rest = Buffer.alloc(0);

  constructor(startsTyped: boolean, onFrame: (type: string, frame: Buffer) => void) {
    this.#typed = startsTyped;
    this.#onFrame = onFrame;
  }

  /** The next message is a client's first one. */
  expectStartup(): void {
    this.#typed = false;
  }

  push(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const offset = this.#typed ? 1 : 0;
      if (this.#rest.length < offset + 4) return;
      const length = offset + this.#rest.readUInt32BE(offset);
      if (this.#rest.length < length) return;
      const frame = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      const type = this.#typed ? String.fromCharCode(frame.readUInt8(0)) : 'startup';
      this.#typed = true;
      this.#onFrame(type, frame);
    }
  }
}

const encryptionRequest = 80_877_103;

interface Server {
  readonly socket: Socket;
  client: Client | null;
  /** Questions whose `ReadyForQuery` has not come yet. */
  pending: number;
  isReady: boolean;
}

interface Client {
  readonly socket: Socket;
  readonly waiting: Buffer[];
  server: Server | null;
}

export interface TransactionPooler {
  readonly url: string;
  /** Server connections that are open now. */
  openServers(): number;
}

/** Serves one test, in front of the server and database of `url`. */
export async function startTransactionPooler(url: string): Promise<TransactionPooler> {
  const { hostname, port } = new URL(url);
  const servers = new Set<Server>();
  const idle: Server[] = [];
  const inLine: Client[] = [];

  const release = (server: Server): void => {
    if (server.client !== null) server.client.server = null;
    server.client = null;
    const next = inLine.shift();
    if (next === undefined) idle.push(server);
    else give(server, next);
  };
  const give = (server: Server, client: Client): void => {
    server.client = client;
    client.server = server;
    for (const frame of client.waiting.splice(0)) forward(server, frame);
  };
  const forward = (server: Server, frame: Buffer): void => {
    if (['Q', 'S'].includes(String.fromCharCode(frame.readUInt8(0)))) server.pending += 1;
    server.socket.write(frame);
  };
  /** Each client brings a connection, opened with its own password; it stays when the client has left. */
  const open = (client: Client): Server => {
    const socket = connect({ port: Number(port), host: hostname, noDelay: true });
    const server: Server = { socket, client, pending: 1, isReady: false };
    servers.add(server);
    const frames = new Frames(true, (type, frame) => {
      server.client?.socket.write(frame);
      if (type !== 'Z') return;
      server.isReady = true;
      server.pending -= 1;
      const isInTransaction = frame.readUInt8(5) !== 'I'.charCodeAt(0);
      if (server.pending === 0 && !isInTransaction) release(server);
    });
    server.socket.on('data', (chunk: Buffer) => frames.push(chunk));
    server.socket.on('error', () => undefined);
    server.socket.on('close', () => {
      servers.delete(server);
      if (idle.includes(server)) idle.splice(idle.indexOf(server), 1);
      server.client?.socket.destroy();
    });
    return server;
  };
  // Like PgBouncer's, its sockets do not wait for acknowledgements before they send on.
  const listener = createServer({ noDelay: true }, (socket) => {
    const client: Client = { socket, waiting: [], server: null };
    const frames = new Frames(false, (type, frame) => {
      if (type === 'startup' && frame.readUInt32BE(4) === encryptionRequest) {
        // It has none to offer; the startup message follows.
        frames.expectStartup();
        return void socket.write('N');
      }
      if (type === 'startup') {
        client.server = open(client);
        return void client.server.socket.write(frame);
      }
      // Goodbye. Without an answer to it the client would wait.
      if (type === 'X') return void socket.end();
      if (client.server?.isReady === false) return void client.server.socket.write(frame);
      if (client.server !== null) return forward(client.server, frame);
      client.waiting.push(Buffer.from(frame));
      // The one that has been idle longest: two transactions of a client seldom meet on one connection.
      const server = idle.shift();
      if (server !== undefined) give(server, client);
      else if (!inLine.includes(client)) inLine.push(client);
    });
    socket.on('data', (chunk: Buffer) => frames.push(chunk));
    socket.on('error', () => undefined);
    // A transaction ends with its client, and so does the connection that it is on.
    socket.on('close', () => client.server?.socket.destroy());
  });
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const { socket } of servers) socket.destroy();
    listener.close();
  });
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('the pooler has no port');
  const pooled = new URL(url);
  pooled.hostname = '127.0.0.1';
  pooled.port = String(address.port);
  return { url: pooled.href, openServers: () => servers.size };
}
