/** What `postmaster.pid` in the data directory tells, and whether it can be believed. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { link, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { hasErrorCode } from '../error-code.ts';
import { processExists } from '../process-exists.ts';

export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** Where its Unix socket lies, maybe relative to the data directory; null: it has none, or none yet. */
  readonly socketDirectory: string | null;
  /** Whether it takes connections. */
  readonly ready: boolean;
}

/**
 * Reads lines of pid, data directory, start time, port, directory of the socket, address, key of the shared memory, state;
 * null when the file is still being written. The lock beside a Unix socket begins in the same way.
 */
export function parsePostmasterFile(text: string): PostmasterFile | null {
  const [pid = '', , , port = '', socketDirectory = '', , , state = ''] = text.split('\n');
  if (!/^[1-9]\d*$/.test(pid) || !/^\d+$/.test(port)) return null;
  return {
    pid: Number(pid),
    port: Number(port),
    socketDirectory: socketDirectory === '' ? null : socketDirectory,
    ready: state.trimEnd() === 'ready',
  };
}

export async function readPostmasterFile(dataDirectory: string): Promise<PostmasterFile | null> {
  const text = await readIfThere(join(dataDirectory, 'postmaster.pid'));
  const file = text === null ? null : parsePostmasterFile(text);
  if (file === null || file.socketDirectory === null) return file;
  return { ...file, socketDirectory: resolve(dataDirectory, file.socketDirectory) };
}

/**
 * Whether the process is a server of this data directory and runs as its owner, rather than a later process with the same
 * id. False on Windows, where Postgres itself asks the process.
 */
export async function isPostmaster(pid: number, dataDirectory: string): Promise<boolean> {
  if (process.platform === 'win32' || !processExists(pid)) return false;
  if (process.platform !== 'linux') return await isPostgresOf(pid, dataDirectory);
  const state = await readIfThere(`/proc/${pid}/stat`);
  if (state === null || !isLivingPostgres(state)) return false;
  try {
    const [owner, directory] = await Promise.all([stat(`/proc/${pid}`), stat(dataDirectory)]);
    if (owner.uid !== directory.uid) return false;
    // A server stays in its data directory.
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(dataDirectory));
  } catch (error) {
    // In a container even root may not look at another user's process: then its name and its owner have to do.
    return hasErrorCode(error, 'EACCES', 'EPERM');
  }
}

/**
 * Reads `/proc/PID/stat`, which begins with number, name and state. A dead process stays listed (state Z) where nobody
 * collects it, as in many containers.
 */
export function isLivingPostgres(state: string): boolean {
  return /^\d+ \(postgres\) [^ZX]/.test(state);
}

async function isPostgresOf(pid: number, dataDirectory: string): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'uid=,comm=', '-p', String(pid)]);
    const [, uid = '', command = ''] = /^\s*(\d+)\s+(.*?)\s*$/.exec(stdout) ?? [];
    return command.endsWith('postgres') && Number(uid) === (await stat(dataDirectory)).uid;
  } catch {
    // `ps` fails when the process has just ended.
    return false;
  }
}

/**
 * Removes the lock file of a dead server whose id a living process has taken: Postgres would take that process for the
 * server and refuse to start, for ever. All other stale files Postgres replaces by itself.
 * @param file `postmaster.pid`, or the lock beside a Unix socket.
 */
export async function removeMisleadingLock(file: string, dataDirectory: string): Promise<void> {
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
