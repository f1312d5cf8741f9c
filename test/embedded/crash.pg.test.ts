import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { useEmbeddedPostgres } from '../../src/embedded/use-embedded-postgres.ts';
import { startBystander } from './bystander.ts';
import {
  connectAsOwner,
  createDataDirectory,
  dataDirectoryOfTest,
  filesIn,
  removeDataDirectory,
  serverPid,
  signalServer,
  use,
} from './data-directory.ts';

let directory: string;

beforeAll(async () => {
  directory = await createDataDirectory();
  const maker = await useEmbeddedPostgres({ dataDirectory: directory, port: 0, durable: false });
  await maker.release();
});

afterAll(async () => {
  await removeDataDirectory(directory);
});

async function writeStaleFile(pid: number, port: number): Promise<void> {
  const lines = [
    pid,
    filesIn(directory),
    1_700_000_000,
    port,
    '',
    '127.0.0.1',
    '  1234567  12345',
    'ready   ',
  ];
  await writeFile(join(filesIn(directory), 'postmaster.pid'), `${lines.join('\n')}\n`);
}

test('after a SIGKILL of the server the next command starts it again with all committed rows', async () => {
  const first = await use(directory, { durable: true });
  const [sql, busySql] = [connectAsOwner(first), connectAsOwner(first)];
  await sql`create table kept as select generate_series(1, 1000) as number`;
  const busy = busySql`select pg_sleep(60)`.catch(() => {});
  await sql`select 1`;
  await signalServer(filesIn(directory), 'SIGKILL');

  const second = await use(directory, { durable: true });
  expect(second.startedByUs).toBe(true);
  const again = connectAsOwner(second);
  expect(await again`select count(*)::int from kept`).toEqual([{ count: 1000 }]);
  await again.end();
  await busy;
  await first.release();
  await second.release();
  expect(await serverPid(directory)).toBeNull();
});

test('a pid file of a dead server does not hinder, also when its pid and its port belong to others now', async () => {
  const bystander = await startBystander();
  const web = createServer((_request, response) => response.end('not Postgres')).listen(0, '127.0.0.1');
  await once(web, 'listening');
  onTestFinished(() => {
    web.close();
  });
  const address = web.address();
  await writeStaleFile(bystander.pid, typeof address === 'object' && address !== null ? address.port : 0);

  const server = await use(directory);
  expect(server.startedByUs).toBe(true);
  expect(bystander.exitCode).toBeNull();
});

test('a copied directory, whose pid file names the server of the original, gets a server of its own', async () => {
  const original = await use(directory);
  const copy = await dataDirectoryOfTest();
  await promisify(execFile)('cp', ['-a', `${directory}/.`, copy]);

  const server = await use(copy);
  expect(server.startedByUs).toBe(true);
  expect(server.port).not.toBe(original.port);
  await server.release();
  expect(await serverPid(directory)).not.toBeNull();
});
