import { connect, type Session } from '../../../postgres/connect.ts';
import { loadConnectionSettings, type ConnectionSettings } from '../../../postgres/connection-settings.ts';
import type { Warehouse } from '../../../app/open-warehouse.ts';
import { ok, warning, type Check } from './check.ts';

/** What a look at one connection tells of its way. */
export interface Transport {
  /** As the setting has it. */
  readonly place: string;
  /** Whether the other end is this machine. */
  readonly local: boolean;
  readonly encrypted: boolean;
  readonly tlsMode: ConnectionSettings['tlsMode'];
}

const timeoutMs = 10_000;

/** Makes a connection of its own, since what a pooler says of its connections is not how this one came. */
export async function checkEncryption({ url, environment }: Warehouse, signal: AbortSignal): Promise<Check> {
  const settings = await loadConnectionSettings(url, environment);
  const session = await connect({ settings, environment, parameters: {}, timeoutMs, signal });
  session.socket.destroy();
  return judgeTransport({ ...describeEnds(session), tlsMode: settings.tlsMode });
}

function describeEnds({ socket, place, encrypted }: Session): Omit<Transport, 'tlsMode'> {
  const { remoteAddress = '', localAddress = '' } = socket;
  // A Unix socket has neither.
  const local = place.address === null || remoteAddress === localAddress;
  return {
    place: local && place.address === null ? place.host : `${place.host}:${place.port}`,
    local,
    encrypted,
  };
}

export function judgeTransport({ place, local, encrypted, tlsMode }: Transport): Check {
  if (encrypted) {
    const checked = {
      'verify-full': 'the certificate is the right one for this name',
      'verify-ca': 'the certificate is of a known authority',
    };
    const state = tlsMode === 'verify-full' || tlsMode === 'verify-ca' ? checked[tlsMode] : null;
    return ok(
      'encryption',
      `encrypted to ${place}; ${state ?? 'sslmode=verify-full would also check who serves there'}`,
    );
  }
  if (local) return ok('encryption', `none, and none needed: ${place} is on this machine`);
  return warning(
    'encryption',
    `none: password proofs and rows travel to ${place} in plain text`,
    'turn TLS on at the server and put sslmode=require, or better verify-full, into DATABASE_URL',
  );
}
