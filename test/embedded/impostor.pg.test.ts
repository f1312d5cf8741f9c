import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeLease } from '../../src/embedded/server/lease.ts';
import { startBystander } from './bystander.ts';
import { createDataDirectory, filesIn, removeDataDirectory, use } from './data-directory.ts';
import { type Request, startImpostor } from './impostor.ts';

let directory: string;
let password: string;

beforeAll(async () => {
  directory = await createDataDirectory();
});

afterAll(async () => {
  await removeDataDirectory(directory);
});

/** What a killed server leaves, with a port that somebody else has taken since. */
async function writeStaleFile(pid: number, port: number): Promise<void> {
  const text = `${pid}\n${filesIn(directory)}\n1700000000\n${port}\n\n127.0.0.1\n  1234567  12345\nready   \n`;
  await writeFile(join(filesIn(directory), 'postmaster.pid'), text);
}

async function learnPassword(): Promise<void> {
  const server = await use(directory);
  password = new URL(server.url).password;
  await server.release();
}

test('who listens on the port of a server that was killed is not called', async () => {
  await learnPassword();
  const impostor = await startImpostor('a password in the clear');
  const { pid: deadPid } = spawnSync(process.execPath, ['--version']);
  const { pid: otherPid } = await startBystander();
  for (const pid of [deadPid, otherPid]) {
    await writeStaleFile(pid, impostor.port);
    const server = await use(directory);
    expect(server.startedByUs).toBe(true);
    expect(server.port).not.toBe(impostor.port);
    await server.release();
  }
  expect(impostor.heard()).not.toContain(password);
  expect(impostor.visits()).toBe(0);
});

test.each<Request>(['a password in the clear', 'a password hashed by MD5', 'nothing'])(
  'where there is only a port, a server that asks for %s is told neither the password nor its hash',
  async (request) => {
    await learnPassword();
    const impostor = await startImpostor(request);
    const address = {
      socketDirectory: null,
      port: impostor.port,
      password,
      dataDirectory: filesIn(directory),
    };
    expect(await takeLease(address)).toBeNull();

    const inner = createHash('md5').update(`${password}exa`).digest('hex');
    const salted = createHash('md5')
      .update(Buffer.concat([Buffer.from(inner), Buffer.from([1, 2, 3, 4])]))
      .digest('hex');
    expect(impostor.visits()).toBe(1);
    expect(impostor.heard()).toContain('exa');
    expect(impostor.heard()).not.toContain(password);
    expect(impostor.heard()).not.toContain(salted);
    // Nor is it asked where its data lie, which it could answer as it likes.
    expect(impostor.heard()).not.toContain('data_directory');
  },
);
