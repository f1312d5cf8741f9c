import type { Writable } from 'node:stream';
import type { Sql } from 'postgres';
import { isolation } from './isolation.ts';

/** A transaction that ends with a `COPY … FROM STDIN`. */
export interface CopyIn {
  /** Statements before it, without parameters; sent as one message. */
  readonly prologue: readonly string[];
  /**
   * Looks at what the prologue returned before any row is sent: one array for each statement that returns rows, in
   * their order. Throws to give the transaction up.
   */
  readonly check: (returned: readonly (readonly unknown[])[]) => void;
  /** `copy table (columns) from stdin`. */
  readonly statement: string;
  /** The rows in COPY's text format, in pieces of any size. */
  readonly rows: Iterable<string>;
}

/**
 * The server did not take the rows; the transaction has been rolled back. Why, the driver does not tell: it hides errors
 * that come after the last row. A plain insert of the same rows says it.
 */
export class CopyRefusedError extends Error {
  override readonly name = 'CopyRefusedError';

  constructor() {
    super('the server refused rows of a COPY');
  }
}

/**
 * Runs the transaction in two round trips: `begin`, the prologue and the COPY; then the rows and `commit`. The client has
 * one connection, and nobody else uses it meanwhile. After an error other than `CopyRefusedError` the connection is to
 * be thrown away.
 * @throws CopyRefusedError; what `check` throws; the driver's errors.
 */
export async function copyIn(client: Sql, { prologue, check, statement, rows }: CopyIn): Promise<void> {
  const statements = [`begin ${isolation}`, ...prologue];
  const begun = client.unsafe<Record<string, unknown>[][]>(statements.join(';\n')).execute();
  const opened = client.unsafe(statement).writable();
  // When the prologue fails, so does COPY, with nothing to say: the first error is the cause.
  const [returned, sink] = await Promise.allSettled([begun, opened]);
  if (returned.status === 'rejected') throw returned.reason;
  if (sink.status === 'rejected') throw sink.reason;
  // The driver destroys the stream with the connection, which is an event that somebody has to hear.
  sink.value.on('error', () => undefined);
  check(returned.value.slice(1));
  for (const piece of rows) await send(sink.value, piece);
  sink.value.end();
  const { command } = await client.unsafe('commit');
  // The server answers the COMMIT of a failed transaction with ROLLBACK.
  if (command !== 'COMMIT') throw new CopyRefusedError();
}

/** Resolves when the socket has taken the piece: only then does the driver let the transaction go on. */
function send(sink: Writable, piece: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // The end of the connection is an event of the stream as well as the error of the write.
    sink.once('error', reject);
    sink.write(piece, (error) => {
      if (error != null) return reject(error);
      sink.off('error', reject);
      resolve();
    });
  });
}
