import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../src/config/parse-config.ts';
import type { WrittenSettings } from '../../src/config/parse-config.ts';
import type { SettingName } from '../../src/config/settings.ts';

function written(given: Partial<WrittenSettings>): WrittenSettings {
  return { flags: {}, environment: {}, dotenv: {}, ...given };
}

function mistakesOf(
  given: Partial<WrittenSettings>,
  required: readonly SettingName[] = [],
): readonly string[] {
  try {
    parseConfig(written(given), required);
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('has a default for everything but the key and the database', () => {
    const config = parseConfig(written({}));
    expect(config).toEqual({
      exaApiKey: null,
      accounts: [],
      exaApis: ['websets', 'search'],
      exaBaseUrl: 'https://api.exa.ai',
      plainHttpHosts: [],
      databaseUrl: null,
      databaseEnvironment: {},
      copyToUrl: null,
      databaseSchema: null,
      databasePatienceSeconds: 60,
      readOnlyPassword: null,
      exaRequestsPerSecond: 5,
      exaPageSize: 200,
      exaTimeoutMs: 30_000,
      syncConcurrency: 8,
      syncOutputs: 'summary',
      syncDueGraceMinutes: 60,
      syncFullWalkDays: 7,
      syncSearchWalkHours: 6,
      syncMaxMinutes: 360,
      syncOverlapHours: 24,
      syncCron: '*/15 * * * *',
      syncTimezone: 'Etc/UTC',
      syncJitterSeconds: 30,
      syncRetentionDays: 90,
      httpPort: 9464,
      httpHost: '127.0.0.1',
      readyMaxAgeMinutes: null,
      alertWebhookUrl: null,
      heartbeatUrl: null,
      alertAfterFailedCycles: 3,
      alertAfterPartialCycles: 3,
      alertAfterStaleMinutes: 1440,
      alertAfterFailedRuns: 0,
      embeddedPostgresPort: 29_432,
      embeddedPostgresDirectory: '.data',
      logLevel: 'info',
    });
  });

  it('takes a flag before the environment, the environment before .env, and .env before the default', () => {
    const flags = { exaPageSize: '10' };
    const environment = { EXA_PAGE_SIZE: '20', EXA_TIMEOUT_MS: '2000' };
    const dotenv = { EXA_PAGE_SIZE: '30', EXA_TIMEOUT_MS: '3000', SYNC_CONCURRENCY: '3' };
    const config = parseConfig(written({ flags, environment, dotenv }));
    expect(config.exaPageSize).toBe(10);
    expect(config.exaTimeoutMs).toBe(2000);
    expect(config.syncConcurrency).toBe(3);
    expect(config.syncFullWalkDays).toBe(7);
  });

  it('counts an empty or blank text as not set', () => {
    const config = parseConfig(
      written({ environment: { EXA_PAGE_SIZE: '', DATABASE_URL: '  ' }, dotenv: { EXA_PAGE_SIZE: '50' } }),
    );
    expect(config.exaPageSize).toBe(50);
    expect(config.databaseUrl).toBeNull();
  });

  it('drops the line break at the end of a secret that was read from a file', () => {
    expect(parseConfig(written({ environment: { EXA_API_KEY: 'key-1\n' } })).exaApiKey).toBe('key-1');
  });

  it('reports all mistakes together, each with the setting and what would be right', () => {
    const mistakes = mistakesOf(
      {
        flags: { syncConcurrency: '65' },
        environment: { EXA_PAGE_SIZE: 'abc', EXA_REQUESTS_PER_SECOND: '-1' },
        dotenv: { LOG_LEVEL: 'loud' },
      },
      ['exaApiKey'],
    );
    expect(mistakes).toEqual([
      'EXA_REQUESTS_PER_SECOND: expected a number from 0 to 10000, got "-1"',
      'EXA_PAGE_SIZE: expected a whole number from 1 to 200, got "abc"',
      'SYNC_CONCURRENCY: expected a whole number from 1 to 64, got "65" (from --sync-concurrency)',
      'LOG_LEVEL: expected one of trace, debug, info, warn, error, fatal, silent, got "loud" (from .env)',
      'EXA_API_KEY: not set, and this command needs it (in the environment or in .env)',
    ]);
  });

  it('never repeats a secret, wherever it was written', () => {
    const environment = {
      EXA_API_KEY: 'two words-of-a-key',
      DATABASE_URL: 'mysql://exa:pass-of-db@host/db',
      EXA_BASE_URL: 'https://user:pass-of-url@api.exa.ai?key=key-in-query',
    };
    const text = mistakesOf({ environment }).join('\n');
    expect(text).toContain('EXA_API_KEY: expected');
    expect(text).toContain('DATABASE_URL: expected');
    expect(text).toContain('EXA_BASE_URL: expected');
    expect(text).not.toMatch(/words-of-a-key|pass-of-db|pass-of-url|key-in-query/);
  });

  it("keeps psql's variables for the connection, those of the environment first, and looks at them only with a URL", () => {
    const dotenv = { PGSSLMODE: 'require', PGUSER: 'from-dotenv', OTHER: 'x' };
    const environment = { PGUSER: 'from-environment', PGHOST: '', HOME: '/home/exa' };
    expect(parseConfig(written({ dotenv, environment })).databaseEnvironment).toEqual({
      PGSSLMODE: 'require',
      PGUSER: 'from-environment',
      HOME: '/home/exa',
    });
    const wrong = { PGSSLMODE: 'requires' };
    expect(mistakesOf({ environment: wrong })).toEqual([]);
    expect(mistakesOf({ environment: { ...wrong, DATABASE_URL: 'postgres://h/db' } })).toEqual([
      expect.stringMatching(/^DATABASE_URL: expected PGSSLMODE to be one of disable, .*verify-full/),
    ]);
  });

  it('does not take a secret from a flag', () => {
    expect(parseConfig(written({ flags: { exaApiKey: 'from-a-flag' } })).exaApiKey).toBeNull();
  });
});

describe('the value of', () => {
  const accepted: readonly (readonly [string, string, SettingName, unknown])[] = [
    ['EXA_REQUESTS_PER_SECOND', '0', 'exaRequestsPerSecond', 0],
    ['EXA_REQUESTS_PER_SECOND', '0.5', 'exaRequestsPerSecond', 0.5],
    ['EXA_BASE_URL', 'https://proxy.example/exa/', 'exaBaseUrl', 'https://proxy.example/exa'],
    ['EXA_BASE_URL', 'http://localhost:8080', 'exaBaseUrl', 'http://localhost:8080'],
    ['EXA_BASE_URL', 'http://127.9.8.7:1', 'exaBaseUrl', 'http://127.9.8.7:1'],
    ['EXA_BASE_URL', 'http://[::1]:1', 'exaBaseUrl', 'http://[::1]:1'],
    ['DATABASE_URL', 'postgresql://u:p%40@h/db', 'databaseUrl', 'postgresql://u:p%40@h/db'],
    ['DATABASE_URL', 'postgres://u:p@a:1,b:2/db', 'databaseUrl', 'postgres://u:p@a:1,b:2/db'],
    ['DATABASE_SCHEMA', 'Müller & Söhne', 'databaseSchema', 'Müller & Söhne'],
    ['EMBEDDED_POSTGRES_PORT', '0', 'embeddedPostgresPort', 0],
  ];
  it.each(accepted)('%s may be %s', (variable, text, name, value) => {
    expect(parseConfig(written({ environment: { [variable]: text } }))[name]).toBe(value);
  });

  it('plain http is taken for the hosts that are named, and for no other', () => {
    const plain = {
      EXA_BASE_URL: 'http://exa-gateway.internal:8080',
      ALERT_WEBHOOK_URL: 'http://alerts.internal/x',
      HEARTBEAT_URL: 'http://10.1.2.3/ping',
    };
    const hosts = 'exa-gateway.internal, ALERTS.internal,10.1.2.3';
    expect(parseConfig(written({ environment: { ...plain, PLAIN_HTTP_HOSTS: hosts } }))).toMatchObject({
      exaBaseUrl: plain.EXA_BASE_URL,
      alertWebhookUrl: plain.ALERT_WEBHOOK_URL,
      heartbeatUrl: plain.HEARTBEAT_URL,
    });
    expect(mistakesOf({ environment: { ...plain, PLAIN_HTTP_HOSTS: 'internal' } })).toEqual([
      'EXA_BASE_URL: expected an https:// URL (http:// only for this machine, or a host that PLAIN_HTTP_HOSTS names), got "http://exa-gateway.internal:8080"',
      expect.stringMatching(/^ALERT_WEBHOOK_URL: expected an https:.*names\)$/),
      expect.stringMatching(/^HEARTBEAT_URL: expected an https:.*names\)$/),
    ]);
    expect(mistakesOf({ environment: { PLAIN_HTTP_HOSTS: 'a:80' } })).toEqual([
      'PLAIN_HTTP_HOSTS: expected names of hosts, separated by commas, without ports, got "a:80"',
    ]);
  });

  const refused: readonly (readonly [string, string])[] = [
    ['EXA_BASE_URL', 'http://api.exa.ai'],
    ['EXA_BASE_URL', 'http://127.0.0.1.example.com'],
    ['EXA_BASE_URL', 'http://localhost.example.com'],
    ['EXA_BASE_URL', 'https://user@api.exa.ai'],
    ['EXA_BASE_URL', 'https://api.exa.ai?x=1'],
    ['EXA_BASE_URL', 'ftp://api.exa.ai'],
    ['EXA_BASE_URL', 'api.exa.ai'],
    ['DATABASE_URL', 'postgres://u:%zz@h/db'],
    ['DATABASE_URL', 'postgres://u:47/11@h/db'],
    ['DATABASE_URL', 'postgres://u:p@47/11@h/db'],
    ['DATABASE_URL', 'localhost/db'],
    ['DATABASE_SCHEMA', 'pg_exa'],
    ['DATABASE_SCHEMA', 'ä'.repeat(32)],
    ['EXA_PAGE_SIZE', '201'],
    ['EXA_PAGE_SIZE', '0'],
    ['EXA_PAGE_SIZE', '1e2'],
    ['SYNC_OVERLAP_HOURS', '0'],
    ['SYNC_CONCURRENCY', '2.5'],
  ];
  it.each(refused)('%s may not be %s', (variable, text) => {
    const mistakes = mistakesOf({ environment: { [variable]: text } });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain(`${variable}: expected `);
  });
});
