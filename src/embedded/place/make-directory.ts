import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasErrorCode } from '../error-code.ts';

/**
 * Makes a directory and what is missing above it; one that is there is as good. Not by Node's `recursive`: where the
 * system answers ENOENT although the parent is there (as in `/proc`), that one tries for ever, and the process cannot
 * even exit.
 * @throws the system's error, which names the path that was refused.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
    await makeDirectory(dirname(path));
    // What is above is there by now, whoever made it: what the system says this time is its word.
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (!(await isDirectory(path))) throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return false;
    throw error;
  }
}
