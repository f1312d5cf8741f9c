/** What is written about the settings is generated from them: `npm run docs:generate` writes it anew. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { describeExitCodesAsMarkdown } from '../../src/cli/exit-codes.ts';
import { describeParametersAsMarkdown } from '../../src/config/describe-database-url.ts';
import { describeSettingsAsDotenv, describeSettingsAsMarkdown } from '../../src/config/describe-settings.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { settingFlag, settingNames, settings } from '../../src/config/settings.ts';
import { replaceSection } from './replace-section.ts';

const root = new URL('../../', import.meta.url);

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, root));
}

describe('.env.example', () => {
  it('lists every setting as the table of settings says', async () => {
    await expect(describeSettingsAsDotenv()).toMatchFileSnapshot(pathOf('.env.example'));
  });

  it('changes nothing when it is copied as it is', () => {
    const dotenv = parse(describeSettingsAsDotenv());
    expect(parseConfig({ flags: {}, environment: {}, dotenv })).toEqual(
      parseConfig({ flags: {}, environment: {}, dotenv: {} }),
    );
  });

  it('shows values that are accepted', () => {
    const dotenv = parse(describeSettingsAsDotenv().replaceAll(/^# (?=[A-Z_]+=)/gm, ''));
    expect(Object.keys(dotenv)).toEqual(settingNames.map((name) => settings[name].variable));
    expect(() => parseConfig({ flags: {}, environment: {}, dotenv })).not.toThrow();
  });
});

describe('the README', () => {
  it('lists settings and exit codes as the program has them', async () => {
    const readme = await readFile(pathOf('README.md'), 'utf8');
    const withSettings = replaceSection(readme, 'settings', describeSettingsAsMarkdown());
    const expected = replaceSection(withSettings, 'exit-codes', describeExitCodesAsMarkdown());
    await expect(expected).toMatchFileSnapshot(pathOf('README.md'));
  });
});

describe('docs/database-url.md', () => {
  it('lists the parameters as the program reads them', async () => {
    const path = pathOf('docs/database-url.md');
    const expected = (['used', 'ignored', 'refused'] as const).reduce(
      (document, use) => replaceSection(document, use, describeParametersAsMarkdown(use)),
      await readFile(path, 'utf8'),
    );
    await expect(expected).toMatchFileSnapshot(path);
  });
});

describe('a flag', () => {
  it('is the variable in lower case, and a secret has none', () => {
    expect(settingFlag('exaRequestsPerSecond')).toBe('--exa-requests-per-second');
    expect(settingFlag('exaApiKey')).toBeNull();
    expect(settingFlag('databaseUrl')).toBeNull();
  });

  it('belongs to the setting whose name is its camel case', () => {
    for (const name of settingNames) {
      const camelCase = settings[name].variable
        .toLowerCase()
        .replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      expect(camelCase).toBe(name);
    }
  });
});
