/** Files that this program writes into the cluster, which belongs to the server's user and to nobody else. */
import { constants, type Stats } from 'node:fs';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { hasErrorCode } from './error-code.ts';
import type { ServerAccount } from './place/server-account.ts';
import { unfinishedPath } from './place/unfinished.ts';

/** Windows has no such flag. */
const noFollow = constants.O_NOFOLLOW ?? 0;

/** Null when there is none. A link is not followed: as root, the file would be one that only root may read. */
export async function readClusterFile(path: string): Promise<string | null> {
  try {
    const file = await open(path, constants.O_RDONLY | noFollow);
    try {
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    if (hasErrorCode(error, 'ELOOP')) throw linkRefused(path);
    throw error;
  }
}

/** Writes a file that only the server's user may read, all at once and never through a link. */
export async function replaceClusterFile(
  path: string,
  text: string,
  account: ServerAccount | null,
): Promise<void> {
  const unfinished = unfinishedPath(path);
  try {
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(text);
      if (account !== null) await file.chown(account.uid, account.gid);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** What lies there itself, whatever a link would point to; null when nothing does. */
export async function lookAt(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    throw error;
  }
}

export function linkRefused(path: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `${path} is a symbolic link, which is not followed there: put the file or directory itself in its place, or set DATABASE_URL`,
  );
}
