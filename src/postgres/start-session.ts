import type { Duplex } from 'node:stream';
import { Authentication, type Credentials } from './authenticate.ts';
import { createQuery, createStartup } from './client-message.ts';
import { ConnectError, connectErrors, ServerRefusedError } from './errors.ts';
import { MessageReader, type ServerMessage } from './message-reader.ts';
import type { targetSessions } from './parameters.ts';

export type TargetSession = (typeof targetSessions)[number];

export interface SessionStart {
  readonly credentials: Credentials;
  /** Of the startup message: database, settings. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly target: TargetSession;
  readonly signal: AbortSignal;
}

/**
 * Begins a session on a connection and waits until the server is ready for statements.
 * @returns what the server has said of it since it let the user in, for who uses the session.
 * @throws ServerRefusedError, ConnectError
 */
export async function startSession(socket: Duplex, start: SessionStart): Promise<Buffer> {
  const { credentials, parameters, signal, target } = start;
  const reader = new MessageReader(socket, signal);
  const authentication = new Authentication(socket, credentials);
  socket.write(createStartup({ user: credentials.user, ...parameters }));
  const said: Buffer[] = [];
  for (let ready = false; !ready;) {
    const { type, body, bytes } = await reader.takeMessage();
    if (type === 'E') throw readRefusal(body);
    if (type === 'R') await authentication.answer(body);
    else if (type !== 'N' && type !== 'v') said.push(bytes);
    ready = type === 'Z';
  }
  if (target !== 'any') await requireTarget(socket, reader, target);
  return Buffer.concat([...said, reader.unread]);
}

const kindOfServer =
  "select pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')";

/** Poolers do not pass on what the server reports by itself, so it is asked. */
async function requireTarget(socket: Duplex, reader: MessageReader, target: TargetSession): Promise<void> {
  socket.write(createQuery(kindOfServer));
  let standby = false;
  let readOnly = false;
  for (let message: ServerMessage | null = null; message?.type !== 'Z';) {
    message = await reader.takeMessage();
    if (message.type === 'E') throw readRefusal(message.body);
    if (message.type !== 'D') continue;
    const [recovery, transactions] = readRow(message.body);
    standby = recovery === 't';
    readOnly = transactions === 'on';
  }
  const suits = {
    any: true,
    'read-write': !readOnly && !standby,
    'read-only': readOnly || standby,
    primary: !standby,
    standby,
    'prefer-standby': standby,
  };
  if (suits[target]) return;
  const kind = standby ? 'a standby' : readOnly ? 'a primary that only reads' : 'a primary that writes';
  throw new ConnectError(
    connectErrors.wrongServer,
    `it is ${kind}, and target_session_attrs asks for ${target}`,
  );
}

/** DataRow: the number of columns, then each with its length. */
function readRow(body: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 2; at + 4 <= body.length;) {
    const length = Math.max(0, body.readInt32BE(at));
    texts.push(body.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return texts;
}

/** An ErrorResponse after which the server hangs up; null when the bytes do not begin with one. */
export function readLastWords(bytes: Buffer): ServerRefusedError | null {
  if (bytes.length < 5 || bytes.toString('latin1', 0, 1) !== 'E') return null;
  const body = bytes.subarray(5, bytes.readUInt32BE(1) + 1);
  return /^(S[^\0]*\0V|S)(FATAL|PANIC)\0/.test(body.toString('latin1')) ? readRefusal(body) : null;
}

/** ErrorResponse: fields that begin with a letter and end with a zero. */
export function readRefusal(body: Buffer): ServerRefusedError {
  const fields = new Map(
    body
      .toString('utf8')
      .split('\0')
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  );
  return new ServerRefusedError(fields.get('M') ?? 'no reason given', fields.get('C') ?? '');
}
