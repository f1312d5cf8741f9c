import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { entry, linesOf, makeDirectory, runCommand, startCommand } from './command-line.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 60_000 });

/** Runs with a reason of 2,000 characters each. */
async function storeRuns(count: number): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.sql`insert into monitors (id, webset_id, status, cadence_cron, cadence_timezone, behavior, metadata, created_at, updated_at)
    values ('m', 'w', 'enabled', '0 0 * * *', 'Etc/UTC', '{}', '{}', now(), now())`;
  await database.sql`insert into monitor_runs (id, monitor_id, status, type, created_at, updated_at, failed_at, failed_reason, answer)
    select 'run_' || md5(n::text), 'm', 'failed', 'search', now() - n * interval '1 minute', now(), now(), repeat(md5(n::text), 62), 1
    from generate_series(1, ${count}) n`;
  return database;
}

const manyRuns = 60_000;
/** Half of what the reasons alone would take. */
const smallHeap = '--max-old-space-size=60';
let large: TestDatabase;

beforeAll(async () => {
  large = await storeRuns(manyRuns);
}, 60_000);

describe('export', () => {
  it('writes rows to standard output and nothing else', async () => {
    const database = await storeRuns(3);
    const environment = { DATABASE_URL: database.url };
    const { exitCode, stdout, stderr } = await runCommand(['export', 'monitor_health', '--format', 'csv'], {
      environment,
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(linesOf(stdout)).toHaveLength(2);
    expect(stdout).toMatch(/^monitor_id,monitor_name,account,api,webset_id,monitor_status,/);
  });

  it('names what there is when the name or the format is wrong, before it connects', async () => {
    const environment = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const wrongName = await runCommand(['export', 'runs', '--format', 'csv'], { environment });
    expect(wrongName.exitCode).toBe(2);
    expect(linesOf(wrongName.stderr)).toHaveLength(1);
    expect(wrongName.stderr).toContain('failure_reasons, missed_run_facts, monitor_findings_weekly');
    const wrongFormat = await runCommand(['export', 'monitors', '--format', 'xml'], { environment });
    expect(wrongFormat.exitCode).toBe(2);
    expect(wrongFormat.stderr).toContain('csv, ndjson, parquet');
  });

  it('says what is wrong with a place where no file can be', async () => {
    const directory = await makeDirectory();
    const environment = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const places: [string, RegExp][] = [
      ['.', /^--out: \S+ is a directory: name a file in it$/],
      ['no/where.csv', /^--out: there is no directory \S+\/no$/],
    ];
    for (const [out, line] of places) {
      const argv = ['export', 'monitors', '--format', 'csv', '--out', out];
      const { exitCode, stderr } = await runCommand(argv, { environment, directory });
      expect({ exitCode, lines: linesOf(stderr) }).toEqual({
        exitCode: 1,
        lines: [expect.stringMatching(line)],
      });
    }
  });

  it('leaves no half file behind, and the old one in place', async () => {
    const directory = await makeDirectory();
    const environment = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    const failed = await runCommand(['export', 'monitors', '--format', 'csv', '--out', 'monitors.csv'], {
      environment,
      directory,
    });
    expect(failed.exitCode).toBe(1);
    expect(await readdir(directory)).toEqual([]);

    const database = await storeRuns(1);
    const away = await runCommand(
      ['export', 'monitors', '--format', 'csv', '--out', 'missing/monitors.csv'],
      {
        environment: { DATABASE_URL: database.url },
        directory,
      },
    );
    expect(away.exitCode).toBe(1);
    expect(away.stderr).toContain('there is no directory');
    expect(away.stderr).not.toContain('DATABASE_URL');
  });

  it('replaces a file where a link leads, and nothing that is no file', async () => {
    const { url } = await storeRuns(2);
    const directory = await makeDirectory();
    const path = (name: string): string => join(directory, name);
    await writeFile(path('real.csv'), 'old');
    await symlink('real.csv', path('link.csv'));
    await promisify(execFile)('mkfifo', [path('pipe')]);
    const reading = promisify(execFile)('cat', [path('pipe')]);
    for (const out of ['link.csv', 'pipe']) {
      const { exitCode, stderr } = await runCommand(
        ['export', 'monitor_runs', '--format', 'csv', '--out', out],
        { environment: { DATABASE_URL: url }, directory },
      );
      expect({ out, exitCode, stderr }).toEqual({ out, exitCode: 0, stderr: '' });
    }
    expect(linesOf((await reading).stdout)).toHaveLength(3);
    expect(linesOf(await readFile(path('real.csv'), 'utf8'))).toHaveLength(3);
    expect((await lstat(path('link.csv'))).isSymbolicLink()).toBe(true);
    expect((await lstat(path('pipe'))).isFIFO()).toBe(true);
    expect((await readdir(directory)).toSorted()).toEqual(['link.csv', 'pipe', 'real.csv']);
  });

  it('is stopped by a signal in the middle, with its exit code and without a file', async () => {
    const directory = await makeDirectory();
    const { child, ended } = await startCommand(
      ['export', 'monitor_run_facts', '--format', 'ndjson', '--out', 'facts.ndjson'],
      { environment: { DATABASE_URL: large.url }, directory },
    );
    await untilWriting(directory, 1);
    child.kill('SIGTERM');
    expect((await ended).exitCode).toBe(143);
    expect(await readdir(directory)).toEqual([]);
  });

  it('may run twice at once into one file: it is of one of the two, and one that is stopped takes nothing away', async () => {
    const database = await storeRuns(3);
    const directory = await makeDirectory();
    const start = (url: string) =>
      startCommand(['export', 'monitor_runs', '--format', 'csv', '--out', 'runs.csv'], {
        environment: { DATABASE_URL: url },
        directory,
      });
    const others = await database.sql.begin(async (sql) => {
      await sql`lock table monitor_runs in access exclusive mode`;
      const waiting = [await start(database.url), await start(database.url)];
      // This one has more to write than it can have written by the time that the signal reaches it.
      const stopped = await start(large.url);
      await untilWriting(directory, 3);
      stopped.child.kill('SIGTERM');
      expect((await stopped.ended).exitCode).toBe(143);
      return waiting;
    });
    for (const { ended } of others) {
      expect(await ended).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    }
    expect(await readdir(directory)).toEqual(['runs.csv']);
    expect(await countRows(join(directory, 'runs.csv'), 'csv')).toBe(3);
  });

  it('waits for a slow reader instead of collecting what it does not take', async () => {
    const child = spawn(process.execPath, [entry, 'export', 'monitor_runs', '--format', 'ndjson'], {
      env: { DATABASE_URL: large.url, NODE_OPTIONS: smallHeap },
      cwd: await makeDirectory(),
    });
    await vi.waitFor(
      async () => {
        const waiting = await large.sql`
          select from pg_stat_activity
          where datname = current_database() and state = 'idle in transaction'
            and query like 'fetch%' and state_change < clock_timestamp() - interval '1 second'`;
        expect(waiting).toHaveLength(1);
      },
      { timeout: 30_000, interval: 100 },
    );
    let lines = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (lines += text.split('\n').length - 1));
    const [exitCode] = await once(child, 'close');
    expect({ exitCode, lines }).toEqual({ exitCode: 0, lines: manyRuns });
  });

  it('ends quietly when its reader has seen enough', async () => {
    const child = spawn(process.execPath, [entry, 'export', 'monitor_runs', '--format', 'csv'], {
      env: { PATH: process.env['PATH'], DATABASE_URL: large.url },
      cwd: await makeDirectory(),
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdout.once('data', () => child.stdout.destroy());
    const [exitCode] = await once(child, 'close');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  it.each(['csv', 'ndjson', 'parquet'])(
    'as %s needs a fraction of the memory that the rows would',
    async (format) => {
      const directory = await makeDirectory();
      const { exitCode, stderr } = await runCommand(
        ['export', 'monitor_runs', '--format', format, '--out', 'runs'],
        { environment: { DATABASE_URL: large.url, NODE_OPTIONS: smallHeap }, directory },
      );
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(await countRows(join(directory, 'runs'), format)).toBe(manyRuns);
    },
  );
});

/** Until so many exports write in the directory, none of which has ended. */
async function untilWriting(directory: string, exports: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const names = await readdir(directory);
      expect(names).toHaveLength(exports);
      expect(names.every((name) => name.endsWith('.partial'))).toBe(true);
    },
    { timeout: 20_000, interval: 5 },
  );
}

async function countRows(path: string, format: string): Promise<number> {
  if (format === 'parquet') {
    const { num_rows: rows } = await parquetMetadataAsync(await asyncBufferFromFile(path));
    return Number(rows);
  }
  const lines = (await readFile(path, 'utf8')).split('\n').length - 1;
  return format === 'csv' ? lines - 1 : lines;
}
