/**
 * Where the server's Unix socket lies: in a directory that nobody but the server's user (and root) can enter, so that
 * nobody else can answer there in the server's place.
 */
import { lchown, mkdir, mkdtemp, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { linkRefused, lookAt } from '../cluster-file.ts';
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

/** Beside the data; where that path is too long for a socket, a new directory of a short name. Null: no sockets here. */
export async function makeSocketDirectory(placement: Placement): Promise<SocketDirectory | null> {
  // Node has no Unix sockets there.
  if (process.platform === 'win32') return null;
  const { account } = placement;
  const beside = join(placement.cluster, 'socket');
  const fits = Buffer.byteLength(socketPath(beside, 65_535)) <= longestPathBytes;
  const path = fits ? beside : await mkdtemp(shortPrefix);
  if (fits) await makeIfMissing(path);
  if (account !== null) await lchown(path, account.uid, account.gid);
  await checkSocketDirectory(path, dataPath(placement));
  return { path, setting: fits ? '../socket' : path };
}

async function makeIfMissing(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (!hasErrorCode(error, 'EEXIST')) throw error;
    if ((await lookAt(path))?.isDirectory() !== true) throw linkRefused(path);
  }
}

/** @throws EmbeddedPostgresError when somebody else than the owner of the data could listen there. */
export async function checkSocketDirectory(path: string, dataDirectory: string): Promise<void> {
  const [found, { uid }] = await Promise.all([lookAt(path), stat(dataDirectory)]);
  if (found === null) return;
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return;
  throw new EmbeddedPostgresError(
    `${path}, where the embedded Postgres has its socket, can be entered by other users: make it a directory of uid ${uid} with mode 0700, or set DATABASE_URL`,
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
