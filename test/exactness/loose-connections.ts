/** A way to the database that goes bad: connections that are there are cut, freeze or say nothing more, new ones work. */
import { once } from 'node:events';
import { createServer, createConnection, type Socket } from 'node:net';

/** `frozen`: nothing passes any more, either way. `mute`: what is asked arrives, and no answer comes. */
export type Cut = 'killed' | 'frozen' | 'mute';

interface Wire {
  readonly client: Socket;
  readonly server: Socket;
}

export interface LooseConnections {
  /** Of the database by this way. */
  readonly url: string;
  /** Does it to the connections whose bit is set, each third one having the same. @returns how many it were. */
  cut(how: Cut, which: number): number;
  close(): Promise<void>;
}

export async function openLooseConnections(databaseUrl: string): Promise<LooseConnections> {
  const target = new URL(databaseUrl);
  const wires = new Set<Wire>();
  const proxy = createServer((client) => {
    const server = createConnection(Number(target.port), target.hostname);
    const wire = { client, server };
    wires.add(wire);
    const end = (): void => {
      wires.delete(wire);
      client.destroy();
      server.destroy();
    };
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (chunk) => to.write(chunk));
      from.on('error', end);
      from.on('close', end);
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href,
    cut: (how, which) => {
      const hit = [...wires].filter((_, index) => ((which >> (index % 3)) & 1) === 1);
      for (const { client, server } of hit) {
        if (how === 'killed') client.destroy();
        else {
          server.removeAllListeners('data');
          server.pause();
          // A client that leaves is still noticed: its end is read, and what it says before is thrown away.
          if (how === 'frozen') client.removeAllListeners('data').resume();
        }
      }
      return hit.length;
    },
    close: async () => {
      for (const { client } of wires) client.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
