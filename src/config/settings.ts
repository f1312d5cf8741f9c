/**
 * Every setting, once. Parsing, the command line's flags, `.env.example` and the README's table all come from this
 * table: a new setting is one entry here.
 */
import type { z } from 'zod';
import {
  apiUrl,
  databaseUrl,
  decimalNumber,
  directory,
  headerSecret,
  oneOf,
  schemaName,
  wholeNumber,
} from './value-schemas.ts';

/** One setting. Its key in the table is its name in `Config` and, in kebab-case, its flag. */
export interface Setting<Value> {
  /** The environment variable. */
  readonly variable: string;
  /** Reads the written text; gets null when nothing is written and there is no default. */
  readonly schema: z.ZodType<Value, string | null>;
  /** As a person would write it; null: none. */
  readonly default: string | null;
  /** Secrets have no flag, because other users of a machine can read a process's arguments. */
  readonly secret: boolean;
  readonly description: string;
  /** A value for `.env.example`, where the default does not serve as one. */
  readonly example: string | null;
}

const table = {
  exaApiKey: {
    variable: 'EXA_API_KEY',
    schema: headerSecret().nullable(),
    default: null,
    secret: true,
    description: 'Key of the Exa account. Needed by every command that calls the API.',
    example: '',
  },
  exaBaseUrl: {
    variable: 'EXA_BASE_URL',
    schema: apiUrl(),
    default: 'https://api.exa.ai',
    secret: false,
    description:
      'Root of the API, before `/websets/v0`. Plain `http` is accepted for a loopback address only.',
    example: null,
  },
  databaseUrl: {
    variable: 'DATABASE_URL',
    schema: databaseUrl().nullable(),
    default: null,
    secret: true,
    description:
      'The warehouse: Postgres 14 or newer. Not set: an embedded Postgres on this machine keeps the data.',
    example: 'postgres://user:password@localhost:5432/warehouse',
  },
  databaseSchema: {
    variable: 'DATABASE_SCHEMA',
    schema: schemaName().nullable(),
    default: null,
    secret: false,
    description:
      "Schema for the tables, created when missing. Not set: the connection's default, mostly `public`.",
    example: 'exa',
  },
  exaRequestsPerSecond: {
    variable: 'EXA_REQUESTS_PER_SECOND',
    schema: decimalNumber(0, 10_000),
    default: '5',
    secret: false,
    description:
      'Requests a second that the sync may use of the rate that the whole team shares. 0: no limit.',
    example: null,
  },
  exaPageSize: {
    variable: 'EXA_PAGE_SIZE',
    schema: wholeNumber(1, 200),
    default: '200',
    secret: false,
    description: 'Monitors or runs asked for in one request.',
    example: null,
  },
  exaTimeoutMs: {
    variable: 'EXA_TIMEOUT_MS',
    schema: wholeNumber(1, 3_600_000),
    default: '30000',
    secret: false,
    description: 'Milliseconds until an unanswered request is given up and tried again.',
    example: null,
  },
  syncConcurrency: {
    variable: 'SYNC_CONCURRENCY',
    schema: wholeNumber(1, 64),
    default: '8',
    secret: false,
    description: 'Monitors read at the same time.',
    example: null,
  },
  syncFullWalkDays: {
    variable: 'SYNC_FULL_WALK_DAYS',
    schema: wholeNumber(1, 3650),
    default: '7',
    secret: false,
    description: "Days after which a monitor's whole list is read again.",
    example: null,
  },
  syncOverlapHours: {
    variable: 'SYNC_OVERLAP_HOURS',
    schema: wholeNumber(1, 87_600),
    default: '24',
    secret: false,
    description: 'Hours that an incremental walk reads beyond what is already covered.',
    example: null,
  },
  embeddedPostgresPort: {
    variable: 'EMBEDDED_POSTGRES_PORT',
    schema: wholeNumber(0, 65_535),
    default: '54329',
    secret: false,
    description: 'Loopback port of the embedded Postgres. 0: any free one.',
    example: null,
  },
  embeddedPostgresDirectory: {
    variable: 'EMBEDDED_POSTGRES_DIRECTORY',
    schema: directory(),
    default: '.data',
    secret: false,
    description: 'Where the embedded Postgres keeps its files.',
    example: null,
  },
  logLevel: {
    variable: 'LOG_LEVEL',
    schema: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: 'info',
    secret: false,
    description: 'Least level that is logged. `debug` and `trace` also show the stack of an error.',
    example: null,
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** All settings of one execution; null: not set and without a default. */
export type Config = { readonly [Name in keyof typeof table]: z.output<(typeof table)[Name]['schema']> };

export type SettingName = keyof Config;

export const settings: { readonly [Name in SettingName]: Setting<Config[Name]> } = table;

export const settingNames: readonly SettingName[] = Object.keys(settings).filter(isSettingName);

function isSettingName(key: string): key is SettingName {
  return Object.hasOwn(settings, key);
}

/** The command-line flag of a setting, such as `--exa-page-size`; null for secrets. */
export function settingFlag(name: SettingName): string | null {
  return settings[name].secret ? null : `--${settings[name].variable.toLowerCase().replaceAll('_', '-')}`;
}
