/** The files that psql's library reads beside the URL. A file that is not there counts as empty. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConnectionSettingError } from './errors.ts';
import { checkValues } from './connection-url.ts';
import { isParameterName, type ParameterName, type ParameterValues } from './parameters.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const userFiles = {
  passwords: { home: '.pgpass', appData: 'pgpass.conf' },
  services: { home: '.pg_service.conf', appData: '.pg_service.conf' },
  authorities: { home: '.postgresql/root.crt', appData: 'root.crt' },
  revoked: { home: '.postgresql/root.crl', appData: 'root.crl' },
  certificate: { home: '.postgresql/postgresql.crt', appData: 'postgresql.crt' },
  key: { home: '.postgresql/postgresql.key', appData: 'postgresql.key' },
} as const;

/** Where one of the files is that belong to a user; null when the environment names no home. */
export function userFile(environment: Environment, name: keyof typeof userFiles): string | null {
  const { APPDATA = '', HOME = '' } = environment;
  const { home, appData } = userFiles[name];
  if (process.platform === 'win32') return APPDATA === '' ? null : join(APPDATA, 'postgresql', appData);
  return HOME === '' ? null : join(HOME, home);
}

/** @throws ConnectionSettingError when the file is there and cannot be read. */
export async function readOptional(path: string | null): Promise<string | null> {
  if (path === null) return null;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new ConnectionSettingError(`${path} to be readable (${code})`, { cause: error });
  }
}

/** Whether others than the owner may read a file; Windows tells in another way. */
export async function othersMayRead(path: string): Promise<boolean> {
  return process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0;
}

/** @throws ConnectionSettingError when no file has that section, or a line of it cannot be used. */
export async function loadService(name: string, environment: Environment): Promise<ParameterValues> {
  const own = environment['PGSERVICEFILE'] ?? '';
  const system = environment['PGSYSCONFDIR'] ?? '';
  const places = [
    own === '' ? userFile(environment, 'services') : own,
    system === '' ? null : join(system, 'pg_service.conf'),
  ];
  for (const path of places) {
    const section = findSection((await readOptional(path)) ?? '', name);
    if (section !== null && path !== null) return parseSection(section, path);
  }
  throw new ConnectionSettingError(`a service that a pg_service.conf defines, not "${name}"`);
}

function findSection(file: string, name: string): readonly string[] | null {
  const lines = file.split('\n').map((line) => line.trim());
  const start = lines.indexOf(`[${name}]`);
  if (start === -1) return null;
  const end = lines.findIndex((line, at) => at > start && line.startsWith('['));
  return lines
    .slice(start + 1, end === -1 ? lines.length : end)
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function parseSection(lines: readonly string[], path: string): ParameterValues {
  const values: { -readonly [Name in ParameterName]?: string } = {};
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (!isParameterName(name) || name === 'service') {
      throw new ConnectionSettingError(
        `${path} to hold lines such as host=… with parameters that docs/database-url.md lists`,
      );
    }
    values[name] = value;
  }
  checkValues(values, (name) => `${name} in ${path}`);
  return values;
}

/** For whom a password is looked up. */
export interface PasswordOwner {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** The first line of a password file that fits. */
export function findPassword(file: string, { host, port, database, user }: PasswordOwner): string | null {
  const wanted = [host, String(port), database, user];
  for (const line of file.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/gs)].map(([, field = '']) =>
      field.replaceAll(/\\(.)/gs, '$1'),
    );
    // Of a colon within the password psql's library reads what is before it.
    const password = fields[4];
    const fits = wanted.every((text, at) => fields[at] === '*' || fields[at] === text);
    if (fits && password !== undefined && password !== '') return password;
  }
  return null;
}
