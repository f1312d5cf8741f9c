import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { linesOf, makeDirectory, runCommand } from './command-line.ts';
import { apiKey, countRuns, serveAccount } from './served-account.ts';
import { linesOnScreen, runOnTerminal } from './terminal.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 60_000 });

const key = /Key of your Exa account/;
const database = /URL of a Postgres database/;
const firstSync = /Run the first sync now\?/;

test('a person is asked, wrong answers again, and the first sync is made', async () => {
  const served = await serveAccount({ monitors: 2, runsPerMonitor: 3 });
  const { EXA_API_KEY: _key, DATABASE_URL: url = '', ...environment } = served.environment;
  const directory = await makeDirectory();
  const absent = url.replace(/\/[^/]*$/, '/no_such_database');
  const { exitCode, written } = await runOnTerminal(['init'], environment, {
    columns: 300,
    directory,
    typing: [
      [key, 'wrong-key-4711\r'],
      [key, `${apiKey}\r`],
      [database, `${absent}\r`],
      [database, `${url}\r`],
      [firstSync, 'y\r'],
    ],
  });
  const screen = linesOnScreen(written).join('\n');

  expect({ exitCode, screen }).toMatchObject({ exitCode: 0 });
  expect(screen).toMatch(/FAIL +key +.*401/);
  expect(screen).toMatch(/FAIL +database +.*no database "no_such_database"/);
  expect(screen).toContain('Sync succeeded');
  expect(await countRuns(served)).toBe(6);
  for (const secret of ['wrong-key-4711', apiKey, url, new URL(url).password])
    expect(written).not.toContain(secret);
  const file = join(directory, '.env');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toContain(`EXA_API_KEY=${apiKey}\nDATABASE_URL=${url}\n`);
  const next = await runCommand(['sync', '--json'], { environment, directory });
  expect(JSON.parse(next.stdout)).toMatchObject({ status: 'succeeded', runs: { inserted: 0 } });
});

test('an empty answer stands for the embedded Postgres, and nobody has to sync at once', async () => {
  const { environment: all } = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  const { EXA_API_KEY: _key, DATABASE_URL: _url, ...environment } = all;
  const directory = await makeDirectory();
  const { exitCode, written } = await runOnTerminal(['init'], environment, {
    directory,
    typing: [
      [key, `${apiKey}\r`],
      [database, '\r'],
      [firstSync, 'n\r'],
    ],
  });

  expect({ exitCode, written }).toMatchObject({ exitCode: 0 });
  expect(await readFile(join(directory, '.env'), 'utf8')).not.toContain('DATABASE_URL');
  expect(await readdir(directory)).toEqual(['.env']);
  expect(linesOnScreen(written).join('\n')).toContain('Whenever you like: exa-monitor-sync sync');
});

test('Ctrl-C at a question ends it, and nothing is written', async () => {
  const { environment: all } = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  const { EXA_API_KEY: _key, DATABASE_URL: _url, ...environment } = all;
  const directory = await makeDirectory();
  const { exitCode } = await runOnTerminal(['init'], environment, { directory, interruptAt: key });

  expect(exitCode).toBe(130);
  expect(await readdir(directory)).toEqual([]);
});

test('without a terminal, and where there is a .env, it is one line and exit code 2', async () => {
  const piped = await runCommand(['init']);
  expect(piped.exitCode).toBe(2);
  expect(linesOf(piped.stderr)).toEqual([
    expect.stringMatching(/^init: asks questions, so it needs a terminal; /),
  ]);

  const directory = await makeDirectory();
  await writeFile(join(directory, '.env'), 'LOG_LEVEL=info\n');
  const { exitCode, written } = await runOnTerminal(['init'], {}, { directory, columns: 300 });
  expect(exitCode).toBe(2);
  expect(linesOnScreen(written)[0]).toMatch(/^\.env: there is one already in /);
  expect(await readFile(join(directory, '.env'), 'utf8')).toBe('LOG_LEVEL=info\n');
});
