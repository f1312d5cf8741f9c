import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ConnectError, connectErrors } from './errors.ts';

/** One proof of a password by SCRAM-SHA-256 (RFC 7677), which shows both sides that the other one knows it. */
export interface Scram {
  readonly firstMessage: string;
  /** @throws ConnectError when the server's message is none. */
  answer(serverFirst: string): Promise<string>;
  /** @throws ConnectError when the server does not know the password. */
  verify(serverFinal: string): void;
}

const derive = promisify(pbkdf2);
const keyLength = 32;

/**
 * @param header says whether and how the channel is bound, such as `p=tls-server-end-point,,`.
 * @param binding what it is bound to; empty when it is not.
 */
export function createScram(
  password: string,
  header: string,
  binding: Buffer,
  nonce: string = randomBytes(18).toString('base64'),
): Scram {
  const bare = `n=,r=${nonce}`;
  let expected: Buffer | null = null;
  return {
    firstMessage: `${header}${bare}`,
    answer: async (serverFirst) => {
      const { r: fullNonce = '', s: salt = '', i: rounds = '' } = readFields(serverFirst);
      if (!fullNonce.startsWith(nonce) || salt === '' || !/^[1-9]\d{0,8}$/.test(rounds)) {
        throw new ConnectError(connectErrors.authentication, 'the server does not speak SCRAM as it should');
      }
      const salted = await derive(
        await prepare(password),
        Buffer.from(salt, 'base64'),
        Number(rounds),
        keyLength,
        'sha256',
      );
      const channel = Buffer.concat([Buffer.from(header), binding]).toString('base64');
      const unproven = `c=${channel},r=${fullNonce}`;
      const signed = `${bare},${serverFirst},${unproven}`;
      const clientKey = hmac(salted, 'Client Key');
      const signature = hmac(createHash('sha256').update(clientKey).digest(), signed);
      expected = hmac(hmac(salted, 'Server Key'), signed);
      return `${unproven},p=${exclusiveOr(clientKey, signature).toString('base64')}`;
    },
    verify: (serverFinal) => {
      const signature = Buffer.from(readFields(serverFinal)['v'] ?? '', 'base64');
      if (expected !== null && signature.length === expected.length && timingSafeEqual(signature, expected))
        return;
      throw new ConnectError(
        connectErrors.authentication,
        'the server does not know the password that it asked for: it is not the one that it says to be',
      );
    },
  };
}

/** As Postgres does it: what SASLprep does not allow is taken as it is. Its tables are loaded only when they matter. */
async function prepare(password: string): Promise<string> {
  if (/^[\x20-\x7e]*$/.test(password)) return password;
  const { saslprep } = await import('@mongodb-js/saslprep');
  try {
    return saslprep(password, { allowUnassigned: true });
  } catch {
    return password;
  }
}

function readFields(message: string): Readonly<Record<string, string>> {
  return Object.fromEntries(message.split(',').map((field) => [field.slice(0, 1), field.slice(2)]));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function exclusiveOr(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, at) => byte ^ (b[at] ?? 0)));
}
