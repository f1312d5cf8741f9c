import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  connectAsOwner,
  createDataDirectory,
  removeDataDirectory,
  serverPid,
  use,
  waitUntil,
} from './data-directory.ts';
import { startOtherCommand } from './other-command.ts';

let directory: string;

beforeAll(async () => {
  directory = await createDataDirectory();
});

afterAll(async () => {
  await removeDataDirectory(directory);
});

test('the command that started the server ends first: the other is not cut off, and stops it at its own end', async () => {
  const starter = await startOtherCommand(directory);
  const server = await use(directory);
  expect([starter.startedByUs, server.startedByUs]).toEqual([true, false]);
  const sql = connectAsOwner(server);
  const [before] = await sql`select pg_backend_pid() as pid`;

  await starter.end();
  const [after] = await sql`select pg_backend_pid() as pid`;
  expect(after).toEqual(before);

  await server.release();
  expect(await serverPid(directory)).toBeNull();
});

test('the server of a killed command is used by the next one, and stopped by it', async () => {
  const killed = await startOtherCommand(directory);
  const pid = await serverPid(directory);
  await killed.kill();
  expect(await serverPid(directory)).toBe(pid);

  const server = await use(directory);
  expect(server).toMatchObject({ url: killed.url, startedByUs: false });
  await server.release();
  expect(await serverPid(directory)).toBeNull();
});

test('a killed command does not count as a user', async () => {
  const server = await use(directory);
  const other = await startOtherCommand(directory);
  await other.kill();
  // The server hears of the broken connection a moment later.
  const sql = connectAsOwner(server);
  await waitUntil(async () => {
    const leases = await sql`select from pg_stat_activity where application_name = 'exa-monitor-sync lease'`;
    return leases.length === 1;
  });
  await sql.end();

  await server.release();
  expect(await serverPid(directory)).toBeNull();
});

test('commands that start the server at the same moment share it', async () => {
  const servers = await Promise.all([use(directory), use(directory), use(directory)]);

  expect(new Set(servers.map(({ url }) => url)).size).toBe(1);
  expect(servers.filter(({ startedByUs }) => startedByUs)).toHaveLength(1);
  await Promise.all(servers.map(async ({ release }) => await release()));
  expect(await serverPid(directory)).toBeNull();
});

test('a command that comes while the last one stops the server gets a server', async () => {
  const first = await use(directory);
  const [second] = await Promise.all([use(directory), first.release()]);

  const sql = connectAsOwner(second);
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  await sql.end();
});
