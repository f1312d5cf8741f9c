/** Directories for servers that may run as another user than the tests. */
import { chmod, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ServerAccount,
  canEnter,
  findServerAccounts,
  isRoot,
} from '../../src/embedded/place/server-account.ts';

/**
 * A new directory that the server's user can enter. Root's own temporary directory may be closed to that user, and then the
 * server would keep its data where a test does not look for them, nor clean up.
 */
export async function makeReachableDirectory(prefix: string): Promise<string> {
  const directory = await mkdtemp(join(await reachableParent(), prefix));
  await chmod(directory, 0o755);
  return directory;
}

/** Where such directories are made: the temporary directory, unless the server's user cannot enter it. */
export async function reachableParent(): Promise<string> {
  if (!isRoot()) return tmpdir();
  const [account] = await findServerAccounts();
  return await parentFor(account);
}

/** A directory for temporary files that this user can enter. */
export async function parentFor(account: ServerAccount): Promise<string> {
  for (const parent of [tmpdir(), '/tmp', '/var/tmp']) {
    if (await canEnter(await realpath(parent), account)) return parent;
  }
  throw new Error(`user ${account.name} can enter no temporary directory`);
}
