import { readAccounts } from './accounts.ts';
import type { Setting } from './setting-table.ts';
import type { Config, SettingName } from './settings.ts';
import { ConnectionSettingError } from '../postgres/errors.ts';
import { readVariables } from '../postgres/connection-settings.ts';
import { isLoopback, isPlainHttp } from './value-schemas.ts';
import { settingFlag, settingNames, settings } from './settings.ts';

/** What was written down, by place; each place beats the one after it. Values are the raw texts. */
export interface WrittenSettings {
  /** By setting name. */
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  /** By variable. An empty text counts as not set, as CI systems and compose files write it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By variable; the content of `.env`. */
  readonly dotenv: Readonly<Record<string, string | undefined>>;
}

/** A config in which the named settings are certainly set. */
export type ConfigWith<Name extends SettingName> = Config & {
  readonly [Key in Name]: NonNullable<Config[Key]>;
};

/** Settings that cannot be used: one line for each mistake, naming the setting and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[], options?: ErrorOptions) {
    super(mistakes.join('\n'), options);
    this.mistakes = mistakes;
  }
}

/**
 * Reads all settings; `required` are those that the command at hand cannot do without.
 * @throws ConfigError with every mistake at once.
 */
export function parseConfig<Name extends SettingName = never>(
  written: WrittenSettings,
  required: readonly Name[] = [],
): ConfigWith<Name> {
  const values: { -readonly [Key in SettingName]?: Config[Key] } = {};
  const mistakes = settingNames.flatMap((name) => readSetting(name, written, values));
  const { dotenv, environment } = written;
  const databaseEnvironment = { ...psqlVariables(dotenv), ...psqlVariables(environment) };
  mistakes.push(...findMistakesOfDatabase(values.databaseUrl ?? null, databaseEnvironment));
  mistakes.push(...findPlainHttp(values, written));
  const found = readAccounts(values.exaApiKey ?? null, { ...dotenv, ...withoutEmpty(environment) });
  const { accounts } = found;
  mistakes.push(...found.mistakes);
  const missing = required.filter((name) => values[name] === null).map(describeMissing);
  if (mistakes.length + missing.length > 0) throw new ConfigError([...mistakes, ...missing]);
  const config = { ...values, accounts, databaseEnvironment };
  if (!isComplete(config, required)) throw new Error('a setting has neither a value nor a mistake');
  return config;
}

/** Empty counts as not set, so that it does not hide what `.env` says. */
function withoutEmpty(variables: WrittenSettings['environment']): WrittenSettings['environment'] {
  return Object.fromEntries(Object.entries(variables).filter(([, value = '']) => value.trim() !== ''));
}

/** @throws ConfigError when there is no key to any account. */
export function requireAccount(config: Config): void {
  if (config.accounts.length === 0) throw new ConfigError([describeMissing('exaApiKey')]);
}

/** Settings as a program has them, with the defaults for what it leaves out, read by the same rules. @throws ConfigError */
export function createConfig(given: Partial<Pick<Config, SettingName>>): Config {
  return parseConfig({ flags: {}, environment: writeSettings(given), dotenv: {} });
}

/** Settings as they would stand in the environment. */
export function writeSettings(given: Partial<Pick<Config, SettingName>>): WrittenSettings['environment'] {
  const written = settingNames.flatMap((name) => {
    const value = given[name];
    return value === undefined || value === null ? [] : [[settings[name].variable, String(value)] as const];
  });
  return Object.fromEntries(written);
}

function isComplete<Name extends SettingName>(
  values: Partial<Config>,
  required: readonly Name[],
): values is ConfigWith<Name> {
  return settingNames.every((name) => name in values) && required.every((name) => values[name] !== null);
}

/** What is sent to these addresses is a secret, or the address is one: it travels encrypted, or where a person said so. */
function findPlainHttp(values: Partial<Config>, written: WrittenSettings): readonly string[] {
  const { plainHttpHosts = [] } = values;
  return (['exaBaseUrl', 'alertWebhookUrl', 'heartbeatUrl'] as const).flatMap((name) => {
    const url = values[name] ?? null;
    if (url === null || !isPlainHttp(url)) return [];
    const { hostname } = new URL(url);
    if (isLoopback(hostname) || plainHttpHosts.includes(hostname)) return [];
    const expected = 'an https:// URL (http:// only for this machine, or a host that PLAIN_HTTP_HOSTS names)';
    return [describeMistake(name, expected, findText(name, written))];
  });
}

/** Psql's variables matter only to a connection. */
function findMistakesOfDatabase(
  databaseUrl: string | null,
  environment: Config['databaseEnvironment'],
): readonly string[] {
  if (databaseUrl === null) return [];
  try {
    readVariables(environment);
    return [];
  } catch (error) {
    if (error instanceof ConnectionSettingError) return [`DATABASE_URL: ${error.message}`];
    throw error;
  }
}

/** Those that psql's library reads, and where the home of its files is. */
function psqlVariables(variables: WrittenSettings['environment']): Config['databaseEnvironment'] {
  const known = Object.entries(variables).filter(([name]) => /^(PG[A-Z]+|HOME|APPDATA)$/.test(name));
  return Object.fromEntries(known.filter(([, value = '']) => value !== ''));
}

function readSetting<Name extends SettingName>(
  name: Name,
  written: WrittenSettings,
  values: { [Key in Name]?: Config[Key] },
): readonly string[] {
  const setting: Setting<Config[Name]> = settings[name];
  const { text, place } = findText(name, written);
  const result = setting.schema.safeParse(text);
  if (result.success) {
    values[name] = result.data;
    return [];
  }
  const expected = result.error.issues[0]?.message ?? 'another value';
  return [describeMistake(name, expected, { text, place })];
}

function describeMistake(name: SettingName, expected: string, { text, place }: FoundText): string {
  const got = settings[name].secret || text === null ? '' : `, got ${quote(text)}`;
  return `${settings[name].variable}: expected ${expected}${got}${place}`;
}

interface FoundText {
  readonly text: string | null;
  /** Where it was found, for a message; empty for the environment, where the variable's name says it. */
  readonly place: string;
}

/** Surrounding white space is dropped: files that hold one secret mostly end with a line break. */
function findText(name: SettingName, written: WrittenSettings): FoundText {
  const { variable } = settings[name];
  const flag = settings[name].secret ? undefined : written.flags[name];
  if (flag !== undefined) return { text: flag.trim(), place: ` (from ${settingFlag(name)})` };
  const environment = written.environment[variable]?.trim() ?? '';
  if (environment !== '') return { text: environment, place: '' };
  const dotenv = written.dotenv[variable]?.trim() ?? '';
  if (dotenv !== '') return { text: dotenv, place: ' (from .env)' };
  return { text: settings[name].default, place: '' };
}

function describeMissing(name: SettingName): string {
  return `${settings[name].variable}: not set, and this command needs it (in the environment or in .env)`;
}

/** A wrong value may be a secret in the wrong place: credentials and queries of URLs are left out, the rest is cut. */
function quote(text: string): string {
  const harmless = text.replace(/\/\/[^/@\s]*@/g, '//***@').replace(/\?.*$/s, '?***');
  return JSON.stringify(harmless.length > 80 ? `${harmless.slice(0, 80)}…` : harmless);
}
