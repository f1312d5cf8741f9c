import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createRedact, findSecrets } from '../../src/app/redact.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { settingNames, settings } from '../../src/config/settings.ts';
import { readText } from './files.ts';

const serviceSchema = z.strictObject({
  image: z.string().optional(),
  build: z.string().optional(),
  environment: z.record(z.string(), z.string().nullable()),
  volumes: z.array(z.string()).optional(),
  ports: z.array(z.string()),
  healthcheck: z.record(z.string(), z.unknown()).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
  restart: z.literal('unless-stopped'),
  logging: z.record(z.string(), z.unknown()).optional(),
});
const compose = z
  .object({
    services: z.object({ postgres: serviceSchema, scheduler: serviceSchema }),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(parse(await readText('docker-compose.yml')));
const { postgres, scheduler } = compose.services;

/** Settings of the embedded Postgres, which the image does not have, and where the tables are. */
const notForContainers = new Set([
  'EMBEDDED_POSTGRES_PORT',
  'EMBEDDED_POSTGRES_DIRECTORY',
  // Of a command that a person runs once.
  'COPY_TO_URL',
  // The BI role's rights are those on `public`.
  'DATABASE_SCHEMA',
  // Postgres makes that role when its volume is made, with BI_PASSWORD.
  'READ_ONLY_PASSWORD',
]);

/** What the container gets when these variables are set in `.env`, as Compose puts them in. */
function environmentWith(given: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(scheduler.environment).map(([name, value]) => [
    name,
    value === null
      ? (given[name] ?? '')
      : value.replaceAll(
          /\$\{(\w+)(?::([-?])([^}]*))?\}/g,
          (_, variable: string, kind: string, rest: string) => given[variable] ?? (kind === '-' ? rest : ''),
        ),
  ]);
  return Object.fromEntries(entries);
}

test('the scheduler takes every setting that makes sense in a container, and none that does not exist', () => {
  const known = settingNames.map((name) => settings[name].variable);
  const expected = known.filter((variable) => !notForContainers.has(variable));

  expect(Object.keys(scheduler.environment).toSorted()).toEqual(expected.toSorted());
});

test('a key in .env is all that it takes', () => {
  const environment = environmentWith({ EXA_API_KEY: 'the-key' });
  const config = parseConfig({ flags: {}, environment, dotenv: {} }, ['exaApiKey', 'databaseUrl']);

  expect(config.exaApiKey).toBe('the-key');
  expect(config.databaseUrl).toBe('postgres://warehouse:not-a-secret@postgres:5432/warehouse');
  expect(config.httpHost).toBe('0.0.0.0');
  expect(scheduler.environment['EXA_API_KEY']).toMatch(/^\$\{EXA_API_KEY:\?/);
});

test('without a password in .env the one that is taken hides nothing else in the logs', () => {
  const redact = createRedact(findSecrets([environmentWith({ EXA_API_KEY: 'the-key' })]));

  expect(redact('the warehouse does not answer')).toBe('the warehouse does not answer');
});

test('other settings in .env reach the program', () => {
  const environment = environmentWith({
    EXA_API_KEY: 'k',
    SYNC_CRON: '0 6 * * *',
    POSTGRES_PASSWORD: 'other',
  });
  const config = parseConfig({ flags: {}, environment, dotenv: {} });

  expect(config.syncCron).toBe('0 6 * * *');
  expect(config.databaseUrl).toContain(':other@');
});

test('the database that the scheduler connects to is the one that Postgres makes', () => {
  const { POSTGRES_USER: user, POSTGRES_DB: name, POSTGRES_PASSWORD: password } = postgres.environment;

  expect(scheduler.environment['DATABASE_URL']).toBe(`postgres://${user}:${password}@postgres:5432/${name}`);
});

test('ports are open to this machine only, and lead to what listens', () => {
  for (const port of [...postgres.ports, ...scheduler.ports]) expect(port).toMatch(/^127\.0\.0\.1:/);
  expect(postgres.ports[0]).toMatch(/:5432$/);
  expect(scheduler.ports[0]).toMatch(new RegExp(`:${scheduler.environment['HTTP_PORT']}$`));
});

test('images have a fixed major version, data a volume, and the scheduler time to end', () => {
  expect(postgres.image).toBe('postgres:17-bookworm');
  expect(scheduler.build).toBe('.');
  expect(postgres.volumes?.[0]?.split(':')[0]).toBe(Object.keys(compose.volumes)[0]);
  expect(scheduler.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
  const longestRequestMs = parseConfig({ flags: {}, environment: {}, dotenv: {} }).exaTimeoutMs;
  expect(Number.parseInt(scheduler.stop_grace_period ?? '', 10) * 1000).toBeGreaterThan(longestRequestMs);
});
