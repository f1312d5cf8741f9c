import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { loadSecretFiles } from '../../src/config/secret-files.ts';

function accountsOf(environment: Record<string, string>, dotenv: Record<string, string> = {}) {
  return parseConfig({ flags: {}, environment, dotenv }).accounts.map(
    ({ name, apiKey }) => `${name} ${apiKey}`,
  );
}

describe('accounts', () => {
  it('are the one of EXA_API_KEY, which is default, and one for each name after it', () => {
    expect(
      accountsOf({ EXA_API_KEY_US_EAST: 'key-2', EXA_API_KEY: 'key-0', EXA_API_KEY_EU: ' key-1\n' }),
    ).toEqual(['default key-0', 'eu key-1', 'us_east key-2']);
    expect(accountsOf({ EXA_API_KEY_EU: '' }, { EXA_API_KEY_EU: 'from-the-file' })).toEqual([
      'eu from-the-file',
    ]);
    expect(accountsOf({})).toEqual([]);
  });

  it('with keys that no header can carry are mistakes', () => {
    expect(() => accountsOf({ EXA_API_KEY_EU: 'with a blank', EXA_API_KEY_DEFAULT: 'key' })).toThrow(
      'EXA_API_KEY_DEFAULT: that account is the one of EXA_API_KEY\nEXA_API_KEY_EU: expected visible ASCII characters without spaces',
    );
  });
});

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'exa-monitor-sync-secrets-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

describe('a secret in a file', () => {
  it('is read as if its variable held it, for keys of accounts as for the others', async () => {
    const directory = await makeDirectory();
    await writeFile(join(directory, 'key'), 'key-of-eu\n');
    await writeFile(join(directory, 'url'), 'postgres://a:b@c/d\n');
    const given = {
      EXA_API_KEY_EU_FILE: 'key',
      DATABASE_URL_FILE: join(directory, 'url'),
      EXA_PAGE_SIZE_FILE: 'key',
    };
    const { variables, mistakes } = await loadSecretFiles(given, directory);

    expect(mistakes).toEqual([]);
    const config = parseConfig({ flags: {}, environment: variables, dotenv: {} });
    expect(config.accounts).toEqual([{ name: 'eu', apiKey: 'key-of-eu', keyName: 'EXA_API_KEY_EU' }]);
    expect(config.databaseUrl).toBe('postgres://a:b@c/d');
    expect(variables).not.toHaveProperty('EXA_PAGE_SIZE');
  });

  it('that is missing, or is given twice, is one line', async () => {
    const given = {
      EXA_API_KEY_FILE: 'nowhere',
      ALERT_WEBHOOK_URL: 'https://a',
      ALERT_WEBHOOK_URL_FILE: 'there',
    };
    expect((await loadSecretFiles(given, await makeDirectory())).mistakes).toEqual([
      'EXA_API_KEY_FILE: cannot read nowhere (ENOENT)',
      'ALERT_WEBHOOK_URL and ALERT_WEBHOOK_URL_FILE: both are set, set one of them',
    ]);
  });
});
