/** Data directories for tests of the embedded server, and the servers in them. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { onTestFinished } from 'vitest';
import { isPostmaster, readPostmasterFile } from '../../src/embedded/server/postmaster.ts';
import { removeSocketDirectory } from '../../src/embedded/server/socket-directory.ts';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  useEmbeddedPostgres,
} from '../../src/embedded/use-embedded-postgres.ts';
import { ownerOptions } from '../postgres/tester.ts';
import { makeReachableDirectory } from './reachable-directory.ts';

export const filesIn = (dataDirectory: string): string => join(dataDirectory, 'cluster', 'data');

export async function createDataDirectory(): Promise<string> {
  return await makeReachableDirectory('exa-monitor-sync-embedded-');
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
  const file = await readPostmasterFile(filesIn(directory));
  if ((await serverPid(directory)) !== null) await signalServer(filesIn(directory), 'SIGQUIT');
  await waitUntil(async () => (await serverPid(directory)) === null);
  // It lies elsewhere when the path of the directory is too long for it.
  await removeSocketDirectory(file?.socketDirectory ?? null, file?.port ?? 0);
  await rm(directory, { recursive: true, force: true, maxRetries: 10 });
}

/**
 * Signals the server of these data files, which a test has started: nothing else works in that directory.
 * @throws when there is none. A signal to the process 0 would go to the test run and to whoever started it.
 */
export async function signalServer(data: string, signal: 'SIGKILL' | 'SIGQUIT'): Promise<void> {
  const file = await readPostmasterFile(data);
  if (file === null || !(await isPostmaster(file.pid, data))) throw new Error(`no server runs in ${data}`);
  process.kill(file.pid, signal);
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

/** As the program itself connects; ended with the test. */
export function connectAsOwner({ url }: Pick<EmbeddedPostgres, 'url'>): postgres.Sql {
  const sql = postgres(ownerOptions(url));
  onTestFinished(() => sql.end({ timeout: 1 }));
  return sql;
}

/** Waits for another process, which has no event to listen to. */
export async function waitUntil(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
