/**
 * Where the server's Unix socket lies: in a directory that nobody but the server's user (and root) can enter, so that
 * nobody else can answer there in the server's place.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { lchown, mkdir, mkdtemp, rm, rmdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { lookAt } from '../cluster-file.ts';
import { dataPath } from '../cluster.ts';
import { EmbeddedPostgresError } from '../embedded-postgres-error.ts';
import { hasErrorCode } from '../error-code.ts';
import type { Placement } from '../place/placement.ts';

/** Systems cut the path of a socket off after 103 bytes or more. */
const longestPathBytes = 100;
/** Not the directory of the environment: that is often the reason why a path is too long. */
const shortParent = '/tmp';
const shortPrefix = join(shortParent, 'exa-monitor-sync-socket-');

export interface SocketDirectory {
  readonly path: string;
  /** As the server is told, which stays in its data directory; no shell changes it. */
  readonly setting: string;
}

export function socketPath(directory: string, port: number): string {
  return join(directory, `.s.PGSQL.${port}`);
}

/**
 * Beside the data; where that path is too long for a socket or has a comma, which parts hosts in a URL, or the file system
 * has none, as that of a container's mount may, a new directory of a short name. Null: no sockets on this system.
 */
export async function makeSocketDirectory(placement: Placement): Promise<SocketDirectory | null> {
  // Node has no Unix sockets there.
  if (process.platform === 'win32') return null;
  const { account } = placement;
  const beside = join(placement.cluster, 'socket');
  const fits = await canHoldSockets(beside);
  const path = fits ? beside : await mkdtemp(shortPrefix);
  if (account !== null) await lchown(path, account.uid, account.gid);
  await checkSocketDirectory(path, dataPath(placement));
  return { path, setting: fits ? '../socket' : path };
}

async function canHoldSockets(path: string): Promise<boolean> {
  if (path.includes(',') || Buffer.byteLength(socketPath(path, 65_535)) > longestPathBytes) return false;
  await makeIfMissing(path);
  const probe = createServer().listen(join(path, `probe-${randomBytes(4).toString('hex')}`));
  try {
    await once(probe, 'listening');
    return true;
  } catch {
    // Whatever the reason is, the server would meet it, too.
    return false;
  } finally {
    // Removes the file, too.
    await new Promise((resolve) => probe.close(resolve));
  }
}

async function makeIfMissing(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Whether it is what it should be is looked at before it is used.
    if (!hasErrorCode(error, 'EEXIST')) throw error;
  }
}

/** @throws EmbeddedPostgresError when somebody else than the owner of the data could listen there. */
export async function checkSocketDirectory(path: string, dataDirectory: string): Promise<void> {
  const [found, { uid }] = await Promise.all([lookAt(path), stat(dataDirectory)]);
  if (found === null) return;
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return;
  throw new EmbeddedPostgresError(
    `${path}, where the embedded Postgres has its socket, is not closed to other users: make it a directory of uid ${uid} with mode 0700, or set DATABASE_URL`,
  );
}

/** Removes a short-named directory once its server is gone; one beside the data stays. */
export async function removeSocketDirectory(path: string | null, port: number): Promise<void> {
  if (path === null || !path.startsWith(shortPrefix) || dirname(path) !== shortParent) return;
  const socket = socketPath(path, port);
  // A killed server leaves both.
  await Promise.all([socket, `${socket}.lock`].map(async (file) => await rm(file, { force: true })));
  try {
    await rmdir(path);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  }
}
