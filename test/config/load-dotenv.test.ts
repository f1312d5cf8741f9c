import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadDotenv } from '../../src/config/load-dotenv.ts';

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'exa-monitor-sync-dotenv-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

it('reads .env and leaves the environment alone', async () => {
  const directory = await makeDirectory();
  await writeFile(join(directory, '.env'), '# note\nEXA_PAGE_SIZE="50"\nEXA_MADE_UP_HERE=x\n');
  expect(await loadDotenv(directory)).toEqual({ EXA_PAGE_SIZE: '50', EXA_MADE_UP_HERE: 'x' });
  expect(process.env['EXA_MADE_UP_HERE']).toBeUndefined();
});

it('does without .env', async () => {
  expect(await loadDotenv(await makeDirectory())).toEqual({});
});

it('says so when .env cannot be read', async () => {
  const directory = await makeDirectory();
  await mkdir(join(directory, '.env'));
  await expect(loadDotenv(directory)).rejects.toThrow('.env: cannot be read (EISDIR)');
});
