/** The messages that begin a session, as bytes. */

const protocolVersion = 196_608;
const tlsRequestCode = 80_877_103;

export function createTlsRequest(): Buffer {
  return withLength(int32(tlsRequestCode));
}

export function createStartup(parameters: Readonly<Record<string, string>>): Buffer {
  const texts = Object.entries(parameters).flat();
  return withLength(Buffer.concat([int32(protocolVersion), ...texts.map(zeroEnded), Buffer.from([0])]));
}

export function createPassword(password: string): Buffer {
  return typed('p', zeroEnded(password));
}

export function createSaslStart(mechanism: string, message: string): Buffer {
  const bytes = Buffer.from(message);
  return typed('p', Buffer.concat([zeroEnded(mechanism), int32(bytes.length), bytes]));
}

export function createSaslAnswer(message: string): Buffer {
  return typed('p', Buffer.from(message));
}

export function createQuery(statement: string): Buffer {
  return typed('Q', zeroEnded(statement));
}

function typed(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), withLength(body)]);
}

/** The length counts itself. */
function withLength(body: Buffer): Buffer {
  return Buffer.concat([int32(body.length + 4), body]);
}

function zeroEnded(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
