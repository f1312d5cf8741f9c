/** The links to shared libraries that npm cannot pack, and copies of the binaries that other users can read. */
import { chmod, copyFile, lstat, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { hasErrorCode } from '../error-code.ts';
import { makeDirectory } from './make-directory.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { removeUnfinished, unfinishedPath } from './unfinished.ts';

const links = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Creates what the package's install script would have created; with `--ignore-scripts` the server does not load
 * without it. Several processes may do this at once.
 * @returns false when the directory cannot be written to and links are missing.
 */
export async function createSharedLibraryLinks(binaries: PostgresBinaries): Promise<boolean> {
  const list: unknown = JSON.parse(await readFile(join(binaries.directory, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links.parse(list)) {
    // Paths in the list start at the package, one level above `native`.
    const path = join(binaries.directory, '..', target);
    if (await exists(path)) continue;
    try {
      await symlink(basename(source), path);
    } catch (error) {
      if (hasErrorCode(error, 'EACCES', 'EPERM', 'EROFS')) return false;
      if (!hasErrorCode(error, 'EEXIST')) throw error;
    }
  }
  return true;
}

/** Copies the binaries (60 MB) into `parent`, once per version, readable and executable for everyone. */
export async function copyBinaries(binaries: PostgresBinaries, parent: string): Promise<PostgresBinaries> {
  const place = join(parent, `${process.platform}-${process.arch}-${binaries.version}`);
  const copy = { ...binaries, directory: join(place, 'native') };
  if (await exists(place)) return copy;

  await makeDirectory(parent);
  await removeUnfinished(place);
  const unfinished = unfinishedPath(place);
  await copyReadable(binaries.directory, join(unfinished, 'native'));
  await createSharedLibraryLinks({ ...binaries, directory: join(unfinished, 'native') });
  await chmod(unfinished, 0o755);
  try {
    await rename(unfinished, place);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!(await exists(place))) throw error;
  }
  return copy;
}

async function copyReadable(from: string, to: string): Promise<void> {
  await makeDirectory(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) {
      await copyReadable(source, target);
    } else if (entry.isFile()) {
      await copyFile(source, target);
      const { mode } = await stat(source);
      await chmod(target, (mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw new Error(`cannot look at ${dirname(path)}`, { cause: error });
  }
}
