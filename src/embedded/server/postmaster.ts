/** What `postmaster.pid` in the data directory tells, and whether it can be believed. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { link, readFile, readlink, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasErrorCode } from '../error-code.ts';
import { processExists } from '../process-exists.ts';

export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
}

/** Reads lines of pid, data directory, start time, port, …; null when the file is missing or still being written. */
export function parsePostmasterFile(text: string): PostmasterFile | null {
  const [pid = '', , , port = ''] = text.split('\n');
  return /^\d+$/.test(pid) && /^\d+$/.test(port) ? { pid: Number(pid), port: Number(port) } : null;
}

export async function readPostmasterFile(dataDirectory: string): Promise<PostmasterFile | null> {
  const text = await readIfThere(join(dataDirectory, 'postmaster.pid'));
  return text === null ? null : parsePostmasterFile(text);
}

/**
 * Whether the process is a server of this data directory, rather than a later process with the same id.
 * False on Windows, where Postgres itself asks the process.
 */
export async function isPostmaster(pid: number, dataDirectory: string): Promise<boolean> {
  if (process.platform === 'win32' || !processExists(pid)) return false;
  if (process.platform !== 'linux') return (await commandOf(pid)).endsWith('postgres');
  const stat = await readIfThere(`/proc/${pid}/stat`);
  if (stat === null || !isLivingPostgres(stat)) return false;
  try {
    // A server stays in its data directory.
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(dataDirectory));
  } catch (error) {
    // In a container even root may not look at another user's process: then its name has to do.
    return hasErrorCode(error, 'EACCES', 'EPERM');
  }
}

/**
 * Reads `/proc/PID/stat`, which begins with number, name and state. A dead process stays listed (state Z) where nobody
 * collects it, as in many containers.
 */
export function isLivingPostgres(stat: string): boolean {
  return /^\d+ \(postgres\) [^ZX]/.test(stat);
}

async function commandOf(pid: number): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'comm=', '-p', String(pid)]);
    return stdout.trim();
  } catch {
    // `ps` fails when the process has just ended.
    return '';
  }
}

/**
 * Removes the pid file of a dead server whose id a living process has taken: Postgres would take that process for the
 * server and refuse to start, for ever. All other stale files Postgres replaces by itself.
 */
export async function removeMisleadingPostmasterFile(dataDirectory: string): Promise<void> {
  const file = join(dataDirectory, 'postmaster.pid');
  const before = await readIfThere(file);
  const stale = before === null ? null : parsePostmasterFile(before);
  if (stale === null || process.platform === 'win32' || !processExists(stale.pid)) return;
  if (await isPostmaster(stale.pid, dataDirectory)) return;

  // Another process may have done the same and started its server since: look at what was taken, give it back if so.
  const taken = `${file}.stale-${randomBytes(4).toString('hex')}`;
  try {
    await rename(file, taken);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readIfThere(taken)) !== before) await link(taken, file);
  await rm(taken, { force: true });
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ESRCH')) return null;
    throw error;
  }
}
