import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { open, realpath, rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { WordedError } from '../../../app/database-failure.ts';

/**
 * Writes beside the file and moves the whole over it: half an export must not look like one. The name beside it is no
 * other export's, so that of two at once the later one to end wins, whole. What is no file (a pipe, a device such as
 * /dev/null) must not be replaced by one and takes the rows as they come.
 * @throws WordedError when no file can be there.
 */
export async function writeFileAtOnce(
  out: string,
  write: (stream: Writable) => Promise<void>,
): Promise<void> {
  const existing = statSync(out, { throwIfNoEntry: false });
  if (existing?.isDirectory() === true)
    throw new WordedError(`--out: ${out} is a directory: name a file in it`);
  if (!existsSync(dirname(out))) throw new WordedError(`--out: there is no directory ${dirname(out)}`);
  if (existing !== undefined && !existing.isFile()) return writeThrough(out, write);
  const path = existing === undefined ? out : await realpath(out);
  const partial = `${path}.${randomBytes(4).toString('hex')}.partial`;
  try {
    await writeThrough(partial, write);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

async function writeThrough(path: string, write: (stream: Writable) => Promise<void>): Promise<void> {
  const stream = (await open(path, 'w')).createWriteStream();
  try {
    await write(stream);
    stream.end();
    await finished(stream);
  } catch (error) {
    stream.destroy();
    throw error;
  }
}
