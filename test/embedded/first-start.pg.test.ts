import { spawnSync } from 'node:child_process';
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  connectAsOwner,
  countStarts,
  dataDirectoryOfTest,
  serverPid,
  use,
  waitUntil,
} from './data-directory.ts';
import { startOtherCommand } from './other-command.ts';

test('the first use makes a UTF-8, UTC warehouse database behind a password, and the end stops the server', async () => {
  const directory = await dataDirectoryOfTest();
  const server = await use(directory, { durable: true });

  expect(server.startedByUs).toBe(true);
  const sql = connectAsOwner(server);
  expect(
    await sql`
      select datname, pg_encoding_to_char(encoding) as encoding, datcollate, current_user as user,
             current_setting('TimeZone') as zone, current_setting('listen_addresses') as addresses,
             current_setting('fsync') as fsync, current_setting('shared_buffers') as cache
      from pg_database where datname = current_database()`,
  ).toEqual([
    {
      datname: 'warehouse',
      encoding: 'UTF8',
      datcollate: 'C',
      user: 'exa',
      zone: 'UTC',
      addresses: '127.0.0.1',
      fsync: 'on',
      cache: '256MB',
    },
  ]);
  await sql.end();

  const intruder = connectAsOwner({ ...server, url: server.url.replace(/:[^:@]+@/, ':wrong@') });
  await expect(intruder`select 1`).rejects.toMatchObject({ code: '28P01' });
  const passwordFile = await stat(join(directory, 'cluster', 'password'));
  expect(passwordFile.mode & 0o777).toBe(0o600);

  await server.release();
  await server.release();
  expect(await serverPid(directory)).toBeNull();
});

test('two commands that start at the same moment share one server and leave nothing half-made', async () => {
  const directory = await dataDirectoryOfTest();
  const [first, second] = await Promise.all([startOtherCommand(directory), startOtherCommand(directory)]);

  expect(first.url).toBe(second.url);
  expect(first.startedByUs).toBe(!second.startedByUs);
  expect(await countStarts(directory)).toBe(1);
  expect((await readdir(directory)).toSorted()).toEqual(['cluster', 'server.log']);

  await Promise.all([first.end(), second.end()]);
  expect(await serverPid(directory)).toBeNull();
});

test('an aborted first use leaves no server and no files', async () => {
  const directory = await dataDirectoryOfTest();
  const abort = new AbortController();
  const abortWhileItBuilds = async (): Promise<void> => {
    await waitUntil(async () => (await readdir(directory)).some((name) => name.startsWith('cluster.new-')));
    abort.abort(new Error('enough'));
  };

  const [outcome] = await Promise.allSettled([
    use(directory, { signal: abort.signal }),
    abortWhileItBuilds(),
  ]);
  expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'enough' } });
  expect(await readdir(directory)).toEqual([]);
});

test('what a killed process had half made is taken away, what a living one is making is not', async () => {
  const directory = await dataDirectoryOfTest();
  const { pid: deadPid } = spawnSync(process.execPath, ['--version']);
  const [dead, living] = [deadPid, process.pid].map((pid) => `cluster.new-${pid}-${Date.now()}-0a1b2c3d`);
  await mkdir(join(directory, dead ?? '', 'data'), { recursive: true });
  await mkdir(join(directory, living ?? ''));

  await use(directory);
  expect((await readdir(directory)).toSorted()).toEqual(['cluster', living, 'server.log']);
});

test('a later use finds the data again', async () => {
  const directory = await dataDirectoryOfTest();
  const first = await use(directory);
  await connectAsOwner(first)`create table kept as select 42 as answer`;
  await first.release();

  const second = await use(directory);
  expect(second.startedByUs).toBe(true);
  expect(await connectAsOwner(second)`select answer from kept`).toEqual([{ answer: 42 }]);
  expect(await readFile(join(directory, 'server.log'), 'utf8')).not.toContain('not properly shut down');
});
