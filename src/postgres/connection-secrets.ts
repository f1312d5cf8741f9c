/** What a connection needs of files that hold keys, certificates and passwords, read anew for each connection. */
import type { SecureVersion } from 'node:tls';
import type { TlsSettings } from './encrypt.ts';
import { ConnectionSettingError } from './errors.ts';
import type { ConnectionSettings, ServerPlace } from './connection-settings.ts';
import { findPassword, othersMayRead, readOptional, userFile, type Environment } from './settings-files.ts';

export interface PlacePassword {
  readonly password: string | null;
  /** Why there is none, where somebody can mend that. */
  readonly note: string | null;
}

/** @throws ConnectionSettingError */
export async function loadPassword(
  { password, user, database, values }: ConnectionSettings,
  { host, port }: ServerPlace,
  environment: Environment,
): Promise<PlacePassword> {
  if (password !== null) return { password, note: null };
  const path = values.passfile ?? userFile(environment, 'passwords');
  const file = await readOptional(path);
  if (path === null || file === null) return { password: null, note: null };
  if (await othersMayRead(path)) {
    return { password: null, note: `${path} is not used, since others may read it: chmod 600` };
  }
  return { password: findPassword(file, { host, port, database, user }), note: null };
}

const versions: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** @throws ConnectionSettingError when a file is missing that the settings name, or that they cannot do without. */
export async function loadTlsSettings(
  { values, tlsMode }: ConnectionSettings,
  environment: Environment,
): Promise<TlsSettings> {
  const { sslrootcert, sslnegotiation } = values;
  const fromSystem = sslrootcert === 'system';
  if (fromSystem && tlsMode !== 'verify-full') {
    throw new ConnectionSettingError(
      'sslmode to be verify-full with sslrootcert=system: anybody gets a certificate of those authorities',
    );
  }
  const atOnce = sslnegotiation === 'direct';
  if (atOnce && !['require', 'verify-ca', 'verify-full'].includes(tlsMode)) {
    throw new ConnectionSettingError('sslmode to be require or more with sslnegotiation=direct');
  }
  const rootPath = sslrootcert ?? userFile(environment, 'authorities');
  const authorities = fromSystem ? null : await readOptional(rootPath);
  if (
    authorities === null &&
    !fromSystem &&
    ((tlsMode === 'verify-full' && sslrootcert !== undefined) || tlsMode === 'verify-ca')
  ) {
    throw new ConnectionSettingError(
      `a file of authorities in ${rootPath ?? 'sslrootcert'} (or sslrootcert=system with sslmode=verify-full)`,
    );
  }
  const certificate = await readNamed('sslcert', values.sslcert, userFile(environment, 'certificate'));
  const keyPath = values.sslkey ?? userFile(environment, 'key');
  const key = certificate === null ? null : await readOptional(keyPath);
  if (certificate !== null && key === null)
    throw new ConnectionSettingError(`the key of the certificate in ${keyPath ?? 'sslkey'}`);
  if (key !== null && keyPath !== null && (await othersMayRead(keyPath))) {
    throw new ConnectionSettingError(`sslkey to be a file that others may not read: chmod 600 ${keyPath}`);
  }
  const verifies = tlsMode === 'require' && values.sslmode !== 'no-verify' && authorities !== null;
  return {
    verify:
      tlsMode === 'verify-full' ? 'host' : tlsMode === 'verify-ca' || verifies ? 'authority' : 'nothing',
    authorities,
    revoked: await readNamed('sslcrl', values.sslcrl, userFile(environment, 'revoked')),
    certificate,
    key,
    passphrase: values.sslpassword ?? null,
    minVersion: versions.find((version) => version === values.ssl_min_protocol_version) ?? null,
    maxVersion: versions.find((version) => version === values.ssl_max_protocol_version) ?? null,
    sendsHostName: values.sslsni !== '0',
    atOnce,
  };
}

async function readNamed(
  name: string,
  path: string | undefined,
  standard: string | null,
): Promise<string | null> {
  const content = await readOptional(path ?? standard);
  if (content === null && path !== undefined)
    throw new ConnectionSettingError(`${name} to name a file, and ${path} does not exist`);
  return content;
}
