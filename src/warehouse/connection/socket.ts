import { Socket } from 'node:net';

/** What the driver knows of where to connect to: several hosts are tried in turn. */
interface Place {
  readonly host: readonly string[];
  readonly port: readonly number[];
  /** Of a Unix socket. */
  readonly path?: string | false;
}

/**
 * Makes the driver's sockets, in place of its own, without Nagle's algorithm. That holds a small message back until the
 * one before is acknowledged, and the other side waits some 40 ms with that: longer than a page takes to write.
 * The function counts the attempts, so each connection needs one of its own.
 */
export function sendingAtOnce(): (place: Place) => Socket {
  let attempts = 0;
  return ({ host, port, path }) => {
    const socket = new Socket().setNoDelay(true);
    if (typeof path === 'string') return socket.connect(path);
    const turn = attempts % host.length;
    attempts += 1;
    // The driver takes the name for TLS from here.
    Object.assign(socket, { host: host[turn], port: port[turn] });
    return socket.connect(port[turn] ?? 5432, host[turn] ?? 'localhost');
  };
}
