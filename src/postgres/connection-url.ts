import { ConnectionSettingError } from './errors.ts';
import { isParameterName, parameters, type ParameterName, type ParameterValues } from './parameters.ts';

const expectedShape =
  'postgres://user:password@host:port/database, with special characters of the password percent-encoded';

/** The parts of a URL as they are written, before they are decoded. */
interface UrlParts {
  readonly user: string;
  readonly password: string;
  /** Both hold one for each host, with commas. */
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly query: string;
}

/**
 * Takes a connection URL apart as psql's library does, which is not how URLs of the web are read: several hosts, sockets,
 * a `#` or `?` within the password. An `@` within the password is accepted beyond that.
 * @throws ConnectionSettingError whose message holds no part of the password.
 */
export function parseConnectionUrl(url: string): ParameterValues {
  const { user, password, host, port, database, query } = splitUrl(url);
  const values: { -readonly [Name in ParameterName]?: string } = {};
  const set = (name: ParameterName, value: string): void => {
    if (value !== '') values[name] = value;
  };
  set('user', decode(user));
  set('password', decode(password));
  set('host', decode(host));
  set('port', port.replaceAll(',', '') === '' ? '' : port);
  set('dbname', decode(database));
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const { name, value } = parsePair(pair);
    values[name] = value;
  }
  checkValues(values, (name) => name);
  if (values.ssl !== undefined) {
    delete values.ssl;
    values.sslmode = 'require';
  }
  return values;
}

/**
 * @param nameOf how a message calls a parameter.
 * @throws ConnectionSettingError
 */
export function checkValues(values: ParameterValues, nameOf: (name: ParameterName) => string): void {
  for (const [name, value] of Object.entries(values)) {
    if (!isParameterName(name) || parameters[name].accepts(value)) continue;
    const { use, expected } = parameters[name];
    throw new ConnectionSettingError(
      use === 'refused' ? `no ${nameOf(name)}: it is not supported` : `${nameOf(name)} to be ${expected}`,
    );
  }
}

function splitUrl(url: string): UrlParts {
  const rest = /^postgres(?:ql)?:\/\/(.*)$/s.exec(url)?.[1];
  if (rest === undefined) throw new ConnectionSettingError(expectedShape);
  const { credentials, afterwards } = splitCredentials(rest);
  const [, hosts = '', path = '', query = ''] = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(afterwards) ?? [];
  // An unescaped slash of the password would end the host, and messages would show the parts.
  const cut = path.includes('@') || (credentials === null && query.includes('@') && hosts.includes(':'));
  if (cut) throw new ConnectionSettingError(expectedShape);
  const [, user = '', password = ''] = /^([^:]*)(?::(.*))?$/s.exec(credentials ?? '') ?? [];
  const places = hosts.split(',').map(splitHost);
  return {
    user,
    password,
    host: places.map(({ host }) => host).join(','),
    port: places.map(({ port }) => port).join(','),
    database: path,
    query,
  };
}

function splitCredentials(rest: string): { credentials: string | null; afterwards: string } {
  const first = rest.search(/[@/]/);
  if (first === -1 || rest[first] === '/') return { credentials: null, afterwards: rest };
  const hostEnd = first + 1 + (/[/?]/.exec(rest.slice(first + 1))?.index ?? rest.length);
  const last = rest.slice(0, hostEnd).lastIndexOf('@');
  return { credentials: rest.slice(0, last), afterwards: rest.slice(last + 1) };
}

function splitHost(text: string): { host: string; port: string } {
  const [, v6, name = '', port = ''] = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d*))?$/.exec(text) ?? [];
  if (v6 === undefined && name === '' && port === '' && text !== '' && text !== ':')
    throw new ConnectionSettingError(expectedShape);
  return { host: v6 ?? name, port };
}

function parsePair(pair: string): { name: ParameterName; value: string } {
  const separator = pair.indexOf('=');
  const name = decode(separator === -1 ? pair : pair.slice(0, separator));
  if (!isParameterName(name)) {
    const shown = /^\w{1,40}$/.test(name) ? `"${name}"` : 'what is written there';
    throw new ConnectionSettingError(`a parameter that docs/database-url.md lists, not ${shown}`);
  }
  if (separator === -1) throw new ConnectionSettingError(`a value for ${name}, as in ${name}=…`);
  return { name, value: decode(pair.slice(separator + 1)) };
}

function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text);
    if (!decoded.includes('\0')) return decoded;
  } catch (error) {
    throw new ConnectionSettingError(expectedShape, { cause: error });
  }
  throw new ConnectionSettingError(expectedShape);
}
