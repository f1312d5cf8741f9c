/** From a URL, a service file and the environment to what a connection is made with, in psql's order. */
import { userInfo } from 'node:os';
import { checkValues, parseConnectionUrl } from './connection-url.ts';
import { ConnectionSettingError } from './errors.ts';
import {
  channelBindings,
  parameterNames,
  parameters,
  targetSessions,
  tlsModes,
  type ParameterName,
  type ParameterValues,
} from './parameters.ts';
import { loadService, type Environment } from './settings-files.ts';
import type { TargetSession } from './start-session.ts';

export type TlsMode = (typeof tlsModes)[number];

/** One of the servers that will do. */
export interface ServerPlace {
  /** As it was written; what a certificate is checked for, and a line of the password file. */
  readonly host: string;
  /** Where to connect to: the host, its address, or null when it is a Unix socket. */
  readonly address: string | null;
  readonly port: number;
}

/** A Unix socket's path; null for a place of the network. */
export function socketPath({ host, address, port }: ServerPlace): string | null {
  return address === null ? `${host}/.s.PGSQL.${port}` : null;
}

export interface ConnectionSettings {
  readonly places: readonly ServerPlace[];
  readonly user: string;
  readonly database: string;
  /** Null when it may be in the password file. */
  readonly password: string | null;
  readonly tlsMode: TlsMode;
  readonly channelBinding: (typeof channelBindings)[number];
  /** Nothing but SCRAM is answered, by which each side proves that it knows the password and neither learns it. */
  readonly requiresScram: boolean;
  readonly target: TargetSession;
  /** For each place; null: not said. */
  readonly timeoutMs: number | null;
  /** Null: none. */
  readonly keepAliveMs: number | null;
  readonly applicationName: string | null;
  readonly serverOptions: string | null;
  readonly schema: string | null;
  /** All that was written, for what is read from files. */
  readonly values: ParameterValues;
}

const defaultPort = 5432;
const defaultKeepAliveMs = 60_000;
const leastTimeoutSeconds = 2;

/** @throws ConnectionSettingError */
export async function loadConnectionSettings(
  url: string,
  environment: Environment,
): Promise<ConnectionSettings> {
  const written = parseConnectionUrl(url);
  const variables = readVariables(environment);
  const service = written.service ?? variables.service ?? '';
  const values = {
    ...variables,
    ...(service === '' ? {} : await loadService(service, environment)),
    ...written,
  };
  return createSettings(values);
}

/**
 * The parameters that are set in the environment; an empty text counts as not set.
 * @throws ConnectionSettingError
 */
export function readVariables(environment: Environment): ParameterValues {
  const values: { -readonly [Name in ParameterName]?: string } = {};
  for (const name of parameterNames) {
    const { variable } = parameters[name];
    const value = variable === null ? '' : (environment[variable] ?? '');
    if (value !== '') values[name] = value;
  }
  checkValues(values, (name) => parameters[name].variable ?? name);
  return values;
}

function createSettings(values: ParameterValues): ConnectionSettings {
  const user = values.user ?? findUser();
  const { password = '', application_name: own, fallback_application_name: fallback } = values;
  const seconds = Number(values.connect_timeout ?? 0);
  return {
    places: createPlaces(values),
    user,
    database: values.dbname ?? user,
    password: password === '' ? null : password,
    tlsMode: oneOf(tlsModes, values.sslmode === 'no-verify' ? 'require' : values.sslmode, 'prefer'),
    channelBinding: oneOf(channelBindings, values.channel_binding, 'prefer'),
    requiresScram: values.require_auth === 'scram-sha-256',
    target: oneOf(targetSessions, values.target_session_attrs, 'any'),
    timeoutMs: seconds <= 0 ? null : Math.max(leastTimeoutSeconds, seconds) * 1000,
    keepAliveMs:
      values.keepalives === '0' ? null : Number(values.keepalives_idle ?? 0) * 1000 || defaultKeepAliveMs,
    applicationName: own ?? fallback ?? null,
    serverOptions: values.options ?? null,
    schema: values.schema ?? null,
    values,
  };
}

function createPlaces({ host = '', hostaddr = '', port = '' }: ParameterValues): readonly ServerPlace[] {
  const hosts = host.split(',');
  const addresses = hostaddr.split(',');
  const ports = port.split(',');
  const count = hostaddr === '' ? hosts.length : addresses.length;
  if (hostaddr !== '' && host !== '' && hosts.length !== count) {
    throw new ConnectionSettingError(`as many hosts as addresses, not ${hosts.length} and ${count}`);
  }
  if (ports.length !== 1 && ports.length !== count) {
    throw new ConnectionSettingError(`one port, or one for each of ${count} hosts, not ${ports.length}`);
  }
  return Array.from({ length: count }, (_, at) => {
    const address = addresses[at] ?? '';
    const name = hosts[at] ?? '';
    const shown = name === '' ? (address === '' ? 'localhost' : address) : name;
    const portText = (ports.length === 1 ? ports[0] : ports[at]) ?? '';
    return {
      host: shown,
      address: address !== '' ? address : /^[/@]/.test(shown) ? null : shown,
      port: portText === '' ? defaultPort : Number(portText),
    };
  });
}

function oneOf<Word extends string>(
  words: readonly Word[],
  value: string | undefined,
  otherwise: Word,
): Word {
  return words.find((word) => word === value) ?? otherwise;
}

/** In a container the user may have a number only. */
function findUser(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw new ConnectionSettingError('a user, since the system has no name for who runs this', {
      cause: error,
    });
  }
}
