/** Data directories for tests of the embedded server, and the servers in them. */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { isPostmaster, readPostmasterFile } from '../../src/embedded/server/postmaster.ts';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  useEmbeddedPostgres,
} from '../../src/embedded/use-embedded-postgres.ts';

export const filesIn = (dataDirectory: string): string => join(dataDirectory, 'cluster', 'data');

/** A new directory that the server's user can enter, also when root runs the tests. */
export async function createDataDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'exa-monitor-sync-embedded-'));
  await chmod(directory, 0o755);
  return directory;
}

/** A new directory that goes, with its server, at the end of the test that asks for it. */
export async function dataDirectoryOfTest(): Promise<string> {
  const directory = await createDataDirectory();
  onTestFinished(async () => {
    await removeDataDirectory(directory);
  });
  return directory;
}

export async function removeDataDirectory(directory: string): Promise<void> {
  const pid = await serverPid(directory);
  if (pid !== null) {
    process.kill(pid, 'SIGQUIT');
    await waitUntil(async () => (await serverPid(directory)) === null);
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 10 });
}

/** The process that serves the directory; null when there is none. */
export async function serverPid(directory: string): Promise<number | null> {
  const data = filesIn(directory);
  const file = await readPostmasterFile(data);
  return file !== null && (await isPostmaster(file.pid, data)) ? file.pid : null;
}

/** How often a server was started in the directory. */
export async function countStarts(directory: string): Promise<number> {
  const log = await readFile(join(directory, 'server.log'), 'utf8');
  return log.split('ready to accept connections').length - 1;
}

/** Uses the embedded server fast and on a free port. */
export async function use(
  dataDirectory: string,
  options: Partial<EmbeddedPostgresOptions> = {},
): Promise<EmbeddedPostgres> {
  const server = await useEmbeddedPostgres({ dataDirectory, port: 0, durable: false, ...options });
  onTestFinished(async () => {
    await server.release();
  });
  return server;
}

/** Waits for another process, which has no event to listen to. */
export async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
