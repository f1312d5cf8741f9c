import { once, type EventEmitter } from 'node:events';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { useEmbeddedPostgres } from '../../src/embedded/use-embedded-postgres.ts';
import {
  createDataDirectory,
  dataDirectoryOfTest,
  filesIn,
  removeDataDirectory,
  serverPid,
  signalServer,
} from '../embedded/data-directory.ts';
import { ownerOptions } from '../postgres/tester.ts';
import { linesOf, runCommand, startCommand } from './command-line.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 180_000 });

const anyPort = ['--embedded-postgres-port', '0'];

async function firstLine({ stdout }: { readonly stdout: EventEmitter }): Promise<string> {
  return String((await once(stdout, 'data'))[0]).trim();
}

async function ask(url: string, statement: string): Promise<readonly postgres.Row[]> {
  const sql = postgres(url, { max: 1 });
  try {
    return [...(await sql.unsafe(statement))];
  } finally {
    await sql.end();
  }
}

const monitorRunsBy = (url: string): Promise<readonly postgres.Row[]> => ask(url, 'select from monitor_runs');

describe('demo', () => {
  it('syncs 9,991 runs, then nothing, says what needs attention, and can be repeated and looked at', async () => {
    const environment = { EMBEDDED_POSTGRES_DIRECTORY: await dataDirectoryOfTest() };
    const directory = join(environment.EMBEDDED_POSTGRES_DIRECTORY, 'demo');
    for (const round of ['first', 'second']) {
      const { exitCode, stdout, stderr } = await runCommand(['demo', ...anyPort], { environment });
      expect({ round, exitCode, stderr }).toEqual({ round, exitCode: 0, stderr: '' });
      expect(stdout).toMatch(/9,991 inserted, 0 updated.*\n\s+requests\s+61\n/);
      expect(stdout).toMatch(/\b0 inserted, 0 updated.*\n\s+requests\s+4\n/);
      expect(stdout).toMatch(/failure rate │\n/);
      expect(stdout).toMatch(/^failing .* streak:\d+, .*days ago/m);
      expect(stdout).toMatch(/^silent .* silent_for:9d, .*missed:\d+ .*days ago/m);
      expect(stdout).toMatch(
        /^One reason for 8 monitors on \d{4}-\d\d-\d\d \(8 failed runs\): Upstream error 503: the/m,
      );
      expect(stdout).toContain('Failure rate of the last 7 days: ');
      const [, printed = ''] = /psql '(.*)'/.exec(stdout) ?? [];
      expect(printed).toMatch(/^postgres:\/\/exa_reader:[^@]+@127\.0\.0\.1:\d+\/warehouse$/);
      expect(await serverPid(directory)).toBeNull();
    }
    const { child, ended } = await startCommand(['db', '--demo', ...anyPort], { environment });
    expect(await monitorRunsBy(await firstLine(child))).toHaveLength(9991);
    child.kill('SIGTERM');
    await ended;
    const status = await runCommand(['status', '--demo', '--json', ...anyPort], { environment });
    expect(JSON.parse(status.stdout)).toMatchObject({
      totals: { monitors: 20, runs: 9991, openRuns: 3 },
      cycles: [{ status: 'succeeded' }, { status: 'succeeded' }],
    });
    const asked = [
      'query',
      '--demo',
      '--question',
      'changed-before-it-failed',
      '--format',
      'ndjson',
      ...anyPort,
    ];
    const { stdout } = await runCommand(asked, { environment });
    expect(JSON.parse(stdout)).toMatchObject({ field: 'behavior', failed_runs: 3, is_going_on: true });
    await removeDataDirectory(directory);
  });
});

describe('db', () => {
  let directory: string;
  let environment: { EMBEDDED_POSTGRES_DIRECTORY: string };

  // Making the files is the larger part of a first start, and tested where it is the subject.
  beforeAll(async () => {
    directory = await createDataDirectory();
    environment = { EMBEDDED_POSTGRES_DIRECTORY: directory };
    const { release } = await useEmbeddedPostgres({ dataDirectory: directory, port: 0, durable: false });
    await release();
  });

  afterAll(() => removeDataDirectory(directory));

  it('prints the URL of a server that answers, stops it on a signal and ends with the code of that', async () => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const { child, ended } = await startCommand(['db', ...anyPort], { environment });
      const printed = await firstLine(child);
      const sql = postgres(printed, { max: 1 });
      expect(await sql`select current_user as user`).toEqual([{ user: 'exa_reader' }]);
      await sql.end();
      expect(await serverPid(directory)).not.toBeNull();

      child.kill(signal);
      const { exitCode, stdout } = await ended;
      expect(exitCode).toBe(code);
      expect(stdout).toBe(`${printed}\n`);
      expect(await serverPid(directory)).toBeNull();
    }
  });

  it('prints a URL that reads the tables, made by this version or an earlier one, before or after it', async () => {
    const { child, ended } = await startCommand(['db', ...anyPort], { environment });
    const url = await firstLine(child);
    expect((await runCommand(['migrate', ...anyPort], { environment })).exitCode).toBe(0);
    expect(await monitorRunsBy(url)).toEqual([]);
    child.kill('SIGTERM');
    await ended;

    const owner = await useEmbeddedPostgres({ dataDirectory: directory, port: 0, durable: false });
    const sql = postgres(ownerOptions(owner.url));
    await sql`drop owned by exa_reader`;
    await sql.end();
    await owner.release();
    const again = await startCommand(['db', ...anyPort], { environment });
    expect(await monitorRunsBy(await firstLine(again.child))).toEqual([]);
    again.child.kill('SIGTERM');
    await again.ended;
  });

  it('ends with exit code 1 when its server dies, and the next command finds the data again', async () => {
    const { child, ended } = await startCommand(['db', ...anyPort], { environment });
    await once(child.stdout, 'data');
    await signalServer(filesIn(directory), 'SIGKILL');
    const { exitCode, stderr } = await ended;
    expect(linesOf(stderr).at(-1)).toContain('the embedded Postgres has ended');
    expect(exitCode).toBe(1);

    const next = await runCommand(['migrate', ...anyPort], { environment });
    expect(next.exitCode).toBe(0);
    expect(await serverPid(directory)).toBeNull();
  });
});
