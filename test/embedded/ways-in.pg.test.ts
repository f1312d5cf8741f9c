import { chmod, chown, lstat, mkdir, readFile, readdir, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql as drizzleSql } from 'drizzle-orm';
import postgres from 'postgres';
import { expect, onTestFinished, test, vi } from 'vitest';
import { placeBinaries, placeData } from '../../src/embedded/place/placement.ts';
import { findPostgresBinaries, programPath } from '../../src/embedded/place/postgres-binaries.ts';
import { findServerAccounts, isRoot } from '../../src/embedded/place/server-account.ts';
import type { EmbeddedPostgres } from '../../src/embedded/use-embedded-postgres.ts';
import { openDatabase } from '../../src/warehouse/connection/database.ts';
import { createTester } from '../postgres/tester.ts';
import { runProgram } from '../../src/embedded/run-program.ts';
import { startBystander } from './bystander.ts';
import {
  connectAsOwner,
  dataDirectoryOfTest,
  filesIn,
  removeDataDirectory,
  serverPid,
  signalServer,
  use,
  waitUntil,
} from './data-directory.ts';

// Each test makes a cluster and starts servers: on a busy machine that takes a while.
vi.setConfig({ testTimeout: 90_000 });

/** By the port. */
function connect(url: string): postgres.Sql {
  const sql = postgres(url, { max: 1 });
  onTestFinished(() => sql.end());
  return sql;
}

/** As the program's own pool does. */
async function whereThePoolIs(url: string): Promise<unknown> {
  const database = openDatabase({ url, schema: null, maxConnections: 1 });
  onTestFinished(() => database.close(0));
  const rows = await database.transaction((tx) =>
    tx.execute(drizzleSql`select host(inet_server_addr()) as address, current_user as user`),
  );
  return [...rows];
}

const wrong = (url: string): string => url.replace(/:[^:@]+@/, ':wrong@');

const socketDirectoryOf = ({ url }: Pick<EmbeddedPostgres, 'url'>): string =>
  decodeURIComponent(new URL(url).hostname);

const where = (sql: postgres.Sql): Promise<postgres.RowList<postgres.Row[]>> =>
  sql`select host(inet_server_addr()) as address, current_user as user`;

test('the socket lies in a directory of the owner of the data, closed to all others', async () => {
  const directory = await dataDirectoryOfTest();
  const server = await use(directory);

  const sockets = socketDirectoryOf(server);
  expect(sockets).toBe(join(directory, 'cluster', 'socket'));
  const { mode, uid } = await stat(sockets);
  expect(mode & 0o777).toBe(0o700);
  expect(uid).toBe((await stat(filesIn(directory))).uid);
  const socket = await stat(join(sockets, `.s.PGSQL.${server.port}`));
  expect(socket.mode & 0o777).toBe(0o700);
  expect(await whereThePoolIs(server.url)).toEqual([{ address: null, user: 'exa' }]);
});

test('a socket that others could reach is not used', async () => {
  const directory = await dataDirectoryOfTest();
  await use(directory);
  await chmod(join(directory, 'cluster', 'socket'), 0o755);

  await expect(use(directory)).rejects.toThrow(/cluster\/socket.* is not closed to other users: .*0700/);
  await chmod(join(directory, 'cluster', 'socket'), 0o700);
});

test('in a directory whose path is too long the socket lies in a short one, which goes with the server', async () => {
  const parent = await dataDirectoryOfTest();
  const directory = join(parent, 'a path with blanks '.repeat(6), 'data');
  onTestFinished(() => removeDataDirectory(directory));
  const first = await use(directory);
  const socketDirectory = socketDirectoryOf(first);
  expect(socketDirectory).toMatch(/^\/tmp\/exa-monitor-sync-socket-\w{6}$/);
  expect((await lstat(socketDirectory)).mode & 0o777).toBe(0o700);
  expect(await whereThePoolIs(first.url)).toEqual([{ address: null, user: 'exa' }]);
  const second = await use(directory);
  expect(socketDirectoryOf(second)).toBe(socketDirectory);

  await signalServer(filesIn(directory), 'SIGKILL');
  await waitUntil(async () => (await serverPid(directory)) === null);
  const third = await use(directory);
  await expect(lstat(socketDirectory)).rejects.toMatchObject({ code: 'ENOENT' });
  await third.release();
  await expect(lstat(socketDirectoryOf(third))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('where the file system holds no sockets, the socket lies in a short directory, too', async () => {
  const directory = await dataDirectoryOfTest();
  await (await use(directory)).release();
  // A file in its place stands for that: nothing can be made in it either.
  const place = join(directory, 'cluster', 'socket');
  await rmdir(place);
  await writeFile(place, '');

  const server = await use(directory);
  expect(socketDirectoryOf(server)).toMatch(/^\/tmp\/exa-monitor-sync-socket-\w{6}$/);
  expect(await whereThePoolIs(server.url)).toEqual([{ address: null, user: 'exa' }]);
});

test('a lock beside the socket, whose process is another one by now, does not hinder', async () => {
  const directory = await dataDirectoryOfTest();
  const first = await use(directory);
  await first.release();
  const bystander = await startBystander();
  const lock = join(directory, 'cluster', 'socket', `.s.PGSQL.${first.port}.lock`);
  await writeFile(lock, `${bystander.pid}\n${filesIn(directory)}\n1700000000\n${first.port}\n`);

  expect(await use(directory, { port: first.port })).toMatchObject({ port: first.port, startedByUs: true });
});

test('rules that let people in without a proof are replaced when the server starts', async () => {
  const directory = await dataDirectoryOfTest();
  const first = await use(directory);
  await first.release();
  const file = join(filesIn(directory), 'pg_hba.conf');
  await writeFile(file, 'local all all trust\nhost all all 127.0.0.1/32 trust\nhost all all ::1/128 md5\n');

  const server = await use(directory);
  const tester = await createTester(server);
  await expect(where(connect(wrong(tester)))).rejects.toMatchObject({ code: '28P01' });
  await expect(where(connectAsOwner({ url: wrong(server.url) }))).rejects.toMatchObject({ code: '28P01' });
  expect(
    await connect(tester)`select type, user_name, auth_method from pg_hba_file_rules order by rule_number`,
  ).toEqual([
    { type: 'host', user_name: ['exa'], auth_method: 'reject' },
    { type: 'local', user_name: ['all'], auth_method: 'scram-sha-256' },
    { type: 'host', user_name: ['all'], auth_method: 'scram-sha-256' },
  ]);
  const { mode, uid } = await stat(file);
  expect([mode & 0o777, uid]).toEqual([0o600, (await stat(filesIn(directory))).uid]);
  expect((await readdir(filesIn(directory))).filter((name) => name.includes('.new-'))).toEqual([]);
});

test('where there is a socket, the port refuses the superuser, whatever the password', async () => {
  const server = await use(await dataDirectoryOfTest());
  const { password } = new URL(server.url);
  for (const tried of [password, 'wrong']) {
    const url = `postgres://exa:${tried}@127.0.0.1:${server.port}/warehouse`;
    await expect(where(connect(url))).rejects.toMatchObject({ code: '28000' });
  }
});

test('a comma in the path, which would part two hosts, leads to a short one, too', async () => {
  const directory = join(await dataDirectoryOfTest(), 'here, there');
  onTestFinished(() => removeDataDirectory(directory));
  const server = await use(directory);
  expect(socketDirectoryOf(server)).toMatch(/^\/tmp\/exa-monitor-sync-socket-\w{6}$/);
  expect(await whereThePoolIs(server.url)).toEqual([{ address: null, user: 'exa' }]);
});

test('a server that an earlier version has started, without a socket, is used and stopped', async () => {
  const directory = await dataDirectoryOfTest();
  const first = await use(directory);
  await first.release();
  const placement = await placeData(directory, () => undefined);
  const binaries = await placeBinaries(await findPostgresBinaries(), placement, () => undefined);
  const rules = 'local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n';
  await writeFile(join(filesIn(directory), 'pg_hba.conf'), rules);
  const settings = [
    `port=${first.port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'cluster_name=exa-monitor-sync',
  ];
  await runProgram(
    programPath(binaries, 'pg_ctl'),
    [
      'start',
      '--silent',
      '--wait',
      `--pgdata=${filesIn(directory)}`,
      `--log=${join(filesIn(directory), 'old.log')}`,
      `--options=${settings.map((setting) => `-c ${setting}`).join(' ')}`,
    ],
    { account: placement.account },
  );
  const pid = await serverPid(directory);
  expect(pid).not.toBeNull();

  const server = await use(directory);
  expect(server).toMatchObject({ port: first.port, startedByUs: false });
  expect(await whereThePoolIs(server.url)).toEqual([{ address: '127.0.0.1', user: 'exa' }]);
  expect(await serverPid(directory)).toBe(pid);
  await server.release();
  expect(await serverPid(directory)).toBeNull();
});

test('a cluster without its password says so', async () => {
  const directory = await dataDirectoryOfTest();
  await mkdir(filesIn(directory), { recursive: true });
  await writeFile(join(filesIn(directory), 'PG_VERSION'), '18\n');
  if (isRoot()) {
    const [account] = await findServerAccounts();
    await chown(join(directory, 'cluster'), account.uid, account.gid);
  }

  await expect(use(directory)).rejects.toThrow(/cluster\/password is missing.*DATABASE_URL/);
});

test('what others may read of the directory holds no password', async () => {
  const directory = await dataDirectoryOfTest();
  const server = await use(directory);
  const secrets = [server.url, server.readerUrl].map((url) => new URL(url).password);
  const log = await readFile(join(directory, 'server.log'), 'utf8');
  for (const secret of secrets) expect(log).not.toContain(secret);
  expect((await stat(join(directory, 'cluster'))).mode & 0o777).toBe(0o700);
  for (const name of ['password', 'reader-password']) {
    expect((await stat(join(directory, 'cluster', name))).mode & 0o777).toBe(0o600);
  }
});
