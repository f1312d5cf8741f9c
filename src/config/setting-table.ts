/**
 * Every setting, once. Parsing, the command line's flags, `.env.example` and the README's table all come from this
 * table: a new setting is one entry here.
 */
import type { z } from 'zod';
import { cronExpression, listenHost, timezoneName, webhookUrl } from './schedule-schemas.ts';
import {
  apiNames,
  apiUrl,
  databaseUrl,
  decimalNumber,
  directory,
  headerSecret,
  hostNames,
  oneOf,
  password,
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
  readonly secret?: true;
  readonly description: string;
  /** A value for `.env.example`, where the default does not serve as one. */
  readonly example?: string | null;
}

export const settingTable = {
  exaApiKey: {
    variable: 'EXA_API_KEY',
    schema: headerSecret().nullable(),
    default: null,
    secret: true,
    description:
      'Key of the Exa account. Needed by every command that calls the API. `EXA_API_KEY_<NAME>` adds an account by that name; this one is `default`.',
    example: '',
  },
  exaBaseUrl: {
    variable: 'EXA_BASE_URL',
    schema: apiUrl(),
    default: 'https://api.exa.ai',
    description:
      'Root of the API, before `/websets/v0` and `/monitors`. Plain `http` only to this machine or a host of `PLAIN_HTTP_HOSTS`.',
  },
  plainHttpHosts: {
    variable: 'PLAIN_HTTP_HOSTS',
    schema: hostNames(),
    default: '',
    description:
      'Hosts, separated by commas, that may be reached by plain `http`, key included: a gateway or a receiver of alerts inside of a network that you trust.',
    example: 'exa-gateway.internal',
  },
  exaApis: {
    variable: 'EXA_APIS',
    schema: apiNames(),
    default: 'websets,search',
    description:
      'Which of the APIs that have monitors are read, separated by commas: `websets`, `search`. One that the plan of an account does not include is asked once a day, while the other one can be read.',
  },
  databaseUrl: {
    variable: 'DATABASE_URL',
    schema: databaseUrl().nullable(),
    default: null,
    secret: true,
    description: 'The warehouse: Postgres 14 or newer. Not set: an embedded Postgres keeps the data.',
    example: 'postgres://user:password@localhost:5432/warehouse',
  },
  databaseSchema: {
    variable: 'DATABASE_SCHEMA',
    schema: schemaName().nullable(),
    default: null,
    description: "Schema of the tables, made when missing. Not set: the connection's, mostly `public`.",
    example: 'exa',
  },
  copyToUrl: {
    variable: 'COPY_TO_URL',
    schema: databaseUrl().nullable(),
    default: null,
    secret: true,
    description: 'Where `copy-to` copies the warehouse: an empty database of Postgres 14 or newer.',
    example: 'postgres://user:password@other-host:5432/warehouse',
  },
  databasePatienceSeconds: {
    variable: 'DATABASE_PATIENCE_SECONDS',
    schema: wholeNumber(1, 3600),
    default: '60',
    description: 'Seconds that one transaction of a cycle may take, waiting for locks included.',
  },
  readOnlyPassword: {
    variable: 'READ_ONLY_PASSWORD',
    schema: password().nullable(),
    default: null,
    secret: true,
    description:
      'Password that `grant-read-only` gives to its role. Not set: a new role gets none, an existing one keeps its own.',
    example: 'a-long-random-one',
  },
  exaRequestsPerSecond: {
    variable: 'EXA_REQUESTS_PER_SECOND',
    schema: decimalNumber(0, 10_000),
    default: '5',
    description: 'Requests a second that the sync may use of the rate that the team shares. 0: no limit.',
  },
  exaPageSize: {
    variable: 'EXA_PAGE_SIZE',
    schema: wholeNumber(1, 200),
    default: '200',
    description: 'Monitors or runs asked for in one request; of Search Monitors 100 at most.',
  },
  exaTimeoutMs: {
    variable: 'EXA_TIMEOUT_MS',
    schema: wholeNumber(1, 3_600_000),
    default: '30000',
    description: 'Milliseconds until an unanswered request is given up and tried again.',
  },
  syncConcurrency: {
    variable: 'SYNC_CONCURRENCY',
    schema: wholeNumber(1, 64),
    default: '8',
    description: 'Monitors read at the same time.',
  },
  syncOutputs: {
    variable: 'SYNC_OUTPUTS',
    schema: oneOf(['none', 'summary', 'everything']),
    default: 'summary',
    description:
      'What is kept of what runs of Search Monitors found: `none`, `summary` (all but the text of pages) or `everything`.',
  },
  syncFullWalkDays: {
    variable: 'SYNC_FULL_WALK_DAYS',
    schema: wholeNumber(1, 3650),
    default: '7',
    description: "Days after which a monitor's whole list is read again.",
  },
  syncSearchWalkHours: {
    variable: 'SYNC_SEARCH_WALK_HOURS',
    schema: wholeNumber(1, 87_600),
    default: '6',
    description:
      'Hours after which the runs of a Search Monitor are read again although its schedule has not moved: no listing shows a run that was started by hand.',
  },
  syncOverlapHours: {
    variable: 'SYNC_OVERLAP_HOURS',
    schema: wholeNumber(1, 87_600),
    default: '24',
    description: 'Hours that an incremental walk reads beyond what is already covered.',
  },
  syncMaxMinutes: {
    variable: 'SYNC_MAX_MINUTES',
    // Less than a second would end a cycle before its first answer.
    schema: decimalNumber(0.02, 10_080),
    default: '360',
    description:
      'Minutes after which a cycle ends as failed. What it has read is kept, and the next cycle goes on from there: a first sync may take several.',
  },
  syncDueGraceMinutes: {
    variable: 'SYNC_DUE_GRACE_MINUTES',
    schema: wholeNumber(0, 10_080),
    default: '60',
    description: 'Minutes after which a run that was due by its schedule counts as late or missed.',
  },
  syncCron: {
    variable: 'SYNC_CRON',
    schema: cronExpression(),
    default: '*/15 * * * *',
    description:
      'When `schedule` starts a cycle: minute, hour, day of month, month, day of week; of two restricted days either one, as in crontab.',
  },
  syncTimezone: {
    variable: 'SYNC_TIMEZONE',
    schema: timezoneName(),
    default: 'Etc/UTC',
    description: 'Time zone that `SYNC_CRON` is read in.',
  },
  syncJitterSeconds: {
    variable: 'SYNC_JITTER_SECONDS',
    schema: wholeNumber(0, 3600),
    default: '30',
    description:
      'Cycles of `schedule` start up to so many seconds late, the same lateness each time, so that not all installations call the API in the same second.',
  },
  syncRetentionDays: {
    variable: 'SYNC_RETENTION_DAYS',
    schema: wholeNumber(0, 36_500),
    default: '90',
    description:
      'Days after which `schedule` and `sync` delete rows of `sync_cycles` and `rejected_runs`. 0: never. Run history is never deleted.',
  },
  httpPort: {
    variable: 'HTTP_PORT',
    schema: wholeNumber(0, 65_535),
    default: '9464',
    description: 'Port of `/healthz`, `/readyz` and `/metrics` while `schedule` runs. 0: off.',
  },
  httpHost: {
    variable: 'HTTP_HOST',
    schema: listenHost(),
    default: '127.0.0.1',
    description: 'Address that they are served on; `0.0.0.0` for every address of the machine.',
  },
  readyMaxAgeMinutes: {
    variable: 'READY_MAX_AGE_MINUTES',
    schema: wholeNumber(1, 5_256_000).nullable(),
    default: null,
    description:
      'Minutes without a cycle that read all monitors after which `/readyz` answers 503. Not set: three firings may pass without one, and 60 minutes in any case.',
    example: '60',
  },
  alertWebhookUrl: {
    variable: 'ALERT_WEBHOOK_URL',
    schema: webhookUrl().nullable(),
    default: null,
    secret: true,
    description: 'Where alerts are posted, as Slack takes them: JSON with a `text`. Not set: no alerts.',
    example: 'https://hooks.slack.com/services/T000/B000/XXXX',
  },
  heartbeatUrl: {
    variable: 'HEARTBEAT_URL',
    schema: webhookUrl().nullable(),
    default: null,
    secret: true,
    description:
      'Called by GET after each cycle of `schedule` or `sync` that went through, as Healthchecks.io and Uptime Kuma wait for it. Not set: nothing is called.',
    example: 'https://hc-ping.com/00000000-0000-0000-0000-000000000000',
  },
  alertAfterFailedCycles: {
    variable: 'ALERT_AFTER_FAILED_CYCLES',
    schema: wholeNumber(0, 1000),
    default: '3',
    description:
      'Failed cycles without one that worked that are worth an alert, and another one when it works again. 0: none.',
  },
  alertAfterPartialCycles: {
    variable: 'ALERT_AFTER_PARTIAL_CYCLES',
    schema: wholeNumber(0, 1000),
    default: '3',
    description:
      'Partial cycles without one that succeeded that are worth an alert, and another one when everything is read and stored again. 0: none.',
  },
  alertAfterStaleMinutes: {
    variable: 'ALERT_AFTER_STALE_MINUTES',
    schema: wholeNumber(0, 5_256_000),
    default: '1440',
    description:
      'Minutes without a cycle that read all monitors that are worth an alert, and another one when the data are current again. 0: none.',
  },
  alertAfterFailedRuns: {
    variable: 'ALERT_AFTER_FAILED_RUNS',
    schema: wholeNumber(0, 1000),
    default: '0',
    description: 'Failed runs in a row of one monitor worth an alert, once for each streak. 0: none.',
  },
  embeddedPostgresPort: {
    variable: 'EMBEDDED_POSTGRES_PORT',
    schema: wholeNumber(0, 65_535),
    default: '29432',
    description: 'Loopback port of the embedded Postgres. 0: any free one.',
  },
  embeddedPostgresDirectory: {
    variable: 'EMBEDDED_POSTGRES_DIRECTORY',
    schema: directory(),
    default: '.data',
    description: 'Where the embedded Postgres keeps its files.',
  },
  logLevel: {
    variable: 'LOG_LEVEL',
    schema: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    default: 'info',
    description: 'Least level that is logged. `debug` and `trace` also show the stack of an error.',
  },
} as const satisfies Readonly<Record<string, Setting<unknown>>>;
