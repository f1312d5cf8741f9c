/** Directories that are built under another name and renamed when they are complete. */
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { processExists } from '../process-exists.ts';

/** Older than this it is nobody's any more, even if the id of its process is in use again. */
const maxAgeMs = 600_000;

/** A name that no other process uses and that tells who builds there since when. */
export function unfinishedPath(path: string): string {
  return `${path}.new-${process.pid}-${Date.now()}-${randomBytes(4).toString('hex')}`;
}

/** Removes what processes left beside `path` that were killed while they built it. */
export async function removeUnfinished(path: string): Promise<void> {
  const prefix = `${basename(path)}.new-`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix)) continue;
    const [pid, startedMs] = name.slice(prefix.length).split('-').map(Number);
    const young = Date.now() - (startedMs ?? 0) < maxAgeMs;
    if (young && processExists(pid ?? 0)) continue;
    await rm(join(dirname(path), name), { recursive: true, force: true, maxRetries: 5 });
  }
}
