/** Keeps a driver from showing the password to whoever asks for it. */
import type { Socket } from 'node:net';

/** Codes of the message `R`, by which a server says how the client is to prove itself. */
const authentication = { ok: 0, sasl: 10, saslContinue: 11, saslFinal: 12 };
const headerBytes = 9;

/** The code of the error when the server wants a password in the clear, hashed by MD5, or none at all. */
export const notScram = 'NOT_SCRAM';

/**
 * Ends a new connection whose other side does anything but SCRAM, by which both sides prove that they know the password and
 * neither learns it. The driver would answer any request, and take a server that asks for nothing for the right one.
 * To be called before the driver listens to the socket: its answer is then written to a socket that is closed.
 */
export function allowOnlyScram(socket: Socket): void {
  let unread = Buffer.alloc(0);
  let proved = false;
  const check = (chunk: Buffer): void => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length >= headerBytes) {
      if (unread.toString('latin1', 0, 1) === 'R') {
        const code = unread.readInt32BE(5);
        if (code === authentication.ok && proved) {
          socket.off('data', check);
          return;
        }
        if (!isScram(code)) {
          socket.off('data', check);
          socket.destroy(Object.assign(new Error('the server does not ask for SCRAM'), { code: notScram }));
          return;
        }
        // The driver checks what the server says in it.
        proved ||= code === authentication.saslFinal;
      }
      const end = 1 + unread.readInt32BE(1);
      if (unread.length < end) return;
      unread = unread.subarray(end);
    }
  };
  socket.on('data', check);
}

function isScram(code: number): boolean {
  return (
    code === authentication.sasl || code === authentication.saslContinue || code === authentication.saslFinal
  );
}
