/** Another user's program that listens where the server should, and asks whoever comes for a password. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';

const message = (code: number, rest: readonly number[] = []): Buffer =>
  Buffer.from([0x52, 0, 0, 0, 8 + rest.length, 0, 0, 0, code, ...rest]);

/** What a server may answer to a client that says who it is. */
const requests = {
  'a password in the clear': message(3),
  'a password hashed by MD5': message(5, [1, 2, 3, 4]),
  nothing: Buffer.concat([message(0), Buffer.from([0x5a, 0, 0, 0, 5, 0x49])]),
};

export type Request = keyof typeof requests;

export interface Impostor {
  readonly port: number;
  /** How many came. */
  readonly visits: () => number;
  /** All that it was told. */
  readonly heard: () => string;
}

export async function startImpostor(request: Request): Promise<Impostor> {
  const chunks: Buffer[] = [];
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(requests[request]));
    socket.on('data', (chunk) => chunks.push(chunk));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    visits: () => visits,
    heard: () => Buffer.concat(chunks).toString('latin1'),
  };
}
