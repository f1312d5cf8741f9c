import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { closedPort, errorResponse, listenAndAnswer } from './broken-database.ts';
import { linesOf, makeDirectory, runCommand, startCommand } from './command-line.ts';

const key = 'exa-key-4711';
const password = 'p@ss word/4711';
const secrets = [key, password, encodeURIComponent(password)];

function databaseUrl(port: number, host = '127.0.0.1'): string {
  return `postgres://someone:${encodeURIComponent(password)}@${host}:${port}/warehouse`;
}

function expectNoSecret(text: string): void {
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/\n\s+at /);
}

describe('wrong usage and configuration end with exit code 2', () => {
  it('without a key', async () => {
    const { exitCode, stdout, stderr } = await runCommand(['sync']);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(linesOf(stderr)).toEqual([
      'EXA_API_KEY: not set, and this command needs it (in the environment or in .env)',
    ]);
  });

  it('with several mistakes, one line each', async () => {
    const directory = await makeDirectory();
    await writeFile(join(directory, '.env'), `EXA_API_KEY=${key}\nEXA_PAGE_SIZE=abc\n`);
    const environment = { DATABASE_URL: `mysql://someone:${encodeURIComponent(password)}@host/db` };
    const { exitCode, stderr } = await runCommand(['sync', '--exa-timeout-ms', 'soon'], {
      environment,
      directory,
    });
    expect(exitCode).toBe(2);
    expect(linesOf(stderr).map((line) => line.split(':')[0])).toEqual([
      'DATABASE_URL',
      'EXA_PAGE_SIZE',
      'EXA_TIMEOUT_MS',
    ]);
    expect(stderr).toContain('got "abc" (from .env)');
    expectNoSecret(stderr);
  });

  it.each([
    [['sync', '--ful'], "unknown option '--ful' (Did you mean --full?) (see --help)"],
    [['synk'], "unknown command 'synk' (Did you mean sync?) (see --help)"],
    [['sync', `--key=${key}`], "unknown option '--key' (see --help)"],
    [
      ['sync', '--full', '--since', '2026-01-01'],
      "option '--since <date>' cannot be used with option '--full'",
    ],
    [['sync', '--since', '2026-02-30'], 'Expected a day such as 2026-01-31'],
    [['sync', '--monitor', ' '], 'Expected an id'],
    [['sync', '--exa-api-key', key], 'EXA_API_KEY: set it in the environment or in .env'],
    [['sync', 'everything'], "too many arguments for 'sync'"],
  ])('with %j', async (argv, line) => {
    const { exitCode, stdout, stderr } = await runCommand(argv);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(linesOf(stderr)).toHaveLength(1);
    expect(stderr).toContain(line);
    expectNoSecret(stderr);
  });

  it('without a command, after showing the help', async () => {
    const { exitCode, stdout, stderr } = await runCommand([]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: exa-monitor-sync');
  });

  it('when db is asked for although DATABASE_URL is set', async () => {
    const environment = { DATABASE_URL: databaseUrl(5432) };
    const { exitCode, stderr } = await runCommand(['db'], { environment });
    expect(exitCode).toBe(2);
    expect(linesOf(stderr)).toHaveLength(1);
    expect(stderr).toContain('DATABASE_URL: set');
    expectNoSecret(stderr);
  });
});

describe('a database that cannot be used ends with exit code 1 and one line', () => {
  it.each([
    ['is not there', closedPort, (port: number) => `cannot connect to 127.0.0.1:${port}: connection refused`],
    [
      'refuses the password',
      () => listenAndAnswer(errorResponse('28P01', `password authentication failed (${password})`)),
      (port: number) => `127.0.0.1:${port} refuses the password of user "someone"`,
    ],
    [
      'is missing',
      () => listenAndAnswer(errorResponse('3D000', 'database "warehouse" does not exist')),
      (port: number) => `127.0.0.1:${port} has no database "warehouse"`,
    ],
    [
      'says something else, with a password in it',
      () => listenAndAnswer(errorResponse('XX000', `cannot do that with ${password}`)),
      (port: number) => `127.0.0.1:${port}: Postgres: cannot do that with *** (XX000)`,
    ],
  ])('when it %s', async (_, serve, message) => {
    const port = await serve();
    const environment = { EXA_API_KEY: key, DATABASE_URL: databaseUrl(port) };
    const { exitCode, stdout, stderr } = await runCommand(['sync'], { environment });
    expect(stderr).toBe(`DATABASE_URL: ${message(port)}\n`);
    expect(exitCode).toBe(1);
    expect(stdout).toBe('');
    expectNoSecret(stderr);
  });

  it('also when a name has several addresses, whose errors have no message of their own', async () => {
    const port = await closedPort();
    const environment = { DATABASE_URL: databaseUrl(port, 'localhost') };
    const { exitCode, stderr } = await runCommand(['status'], { environment });
    expect(stderr).toBe(`DATABASE_URL: cannot connect to localhost:${port}: connection refused\n`);
    expect(exitCode).toBe(1);
  });

  it('and with LOG_LEVEL=debug with a stack, still without secrets', async () => {
    const port = await listenAndAnswer(
      errorResponse('28P01', `password authentication failed (${password})`),
    );
    const environment = { EXA_API_KEY: key, DATABASE_URL: databaseUrl(port), LOG_LEVEL: 'debug' };
    const { stderr } = await runCommand(['sync'], { environment });
    expect(stderr).toMatch(/\n\s+at /);
    for (const secret of secrets) expect(stderr).not.toContain(secret);
  });
});

const commandNames =
  'sync schedule status report verify doctor export grant-read-only migrate rebuild check prune demo db'.split(
    ' ',
  );

describe('help', () => {
  it('goes to standard output and lists commands and settings, secrets not among the flags', async () => {
    const { exitCode, stdout, stderr } = await runCommand(['--help']);
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    const words = [
      'sync',
      'status',
      'demo',
      'db',
      '--exa-page-size',
      'EXA_API_KEY',
      'DATABASE_URL',
      'Exit codes:',
    ];
    for (const word of [...words, ' 75  another cycle']) {
      expect(stdout).toContain(word);
    }
    expect(stdout).not.toContain('--exa-api-key');
    expect(stdout).not.toContain('--database-url');
  });

  it.each(commandNames)('of %s has an example', async (name) => {
    const { stdout } = await runCommand([name, '--help']);
    expect(stdout).toContain(`Example:\n  exa-monitor-sync ${name}`);
  });

  it('of a command lists its own flags and those of the settings', async () => {
    const { stdout } = await runCommand(['sync', '--help']);
    expect(stdout).toContain('--dry-run');
    expect(stdout).toContain('--exa-requests-per-second');
  });

  it('is no error when its reader has seen enough', async () => {
    const { child, ended } = await startCommand(['--help']);
    child.stdout.destroy();
    const { exitCode, stderr } = await ended;
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });
});
