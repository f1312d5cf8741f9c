/** Decides where data and binaries lie and who the server runs as, so that this user can reach both. */
import { createHash } from 'node:crypto';
import { access, chmod, constants, realpath, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { linkRefused, lookAt, readClusterFile } from '../cluster-file.ts';
import { EmbeddedPostgresError, ForeignDataDirectoryError } from '../embedded-postgres-error.ts';
import { hasErrorCode } from '../error-code.ts';
import { refuseForeignLinks } from './foreign-links.ts';
import { makeDirectory } from './make-directory.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { type ServerAccount, canEnter, findServerAccounts, isRoot } from './server-account.ts';
import { copyBinaries, createSharedLibraryLinks } from './shared-library-links.ts';

export interface Placement {
  /** Directory of the server's log and of the cluster. */
  readonly home: string;
  /** Data files and password, owned by the server's user; may not exist yet. */
  readonly cluster: string;
  /** Null: the server runs as the user of this process. */
  readonly account: ServerAccount | null;
}

type Log = (message: string) => void;

/** Where root keeps what the server's user could not reach in the asked-for place. */
const rootDirectory = '/var/lib/exa-monitor-sync';
/** What the system says of a path where no directory can be, or none that this user can write to. */
const refusals = [
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOTDIR',
  'EEXIST',
  'ENOENT',
  'ENAMETOOLONG',
  'ELOOP',
  'ENOSPC',
];
const noteName = 'data-are-elsewhere.txt';

/** @throws EmbeddedPostgresError when the directory cannot be made, entered, or belongs to another user. */
export async function placeData(dataDirectory: string, log: Log): Promise<Placement> {
  if (isRoot()) await refuseForeignLinks(join(dataDirectory, 'cluster', 'data'));
  const asked = await openDirectory(dataDirectory);
  if (!isRoot()) {
    const placement = { home: asked, cluster: join(asked, 'cluster'), account: null };
    await checkOwner(placement.cluster, process.getuid?.());
    return placement;
  }
  return await placeDataOfRoot(asked, log);
}

async function openDirectory(path: string): Promise<string> {
  try {
    await makeDirectory(path);
    await access(path, constants.W_OK | constants.X_OK);
    return await realpath(path);
  } catch (cause) {
    if (!hasErrorCode(cause, ...refusals)) throw cause;
    throw new EmbeddedPostgresError(
      `cannot keep the embedded Postgres in ${path} (${cause instanceof Error ? cause.message : 'refused'}): make it a directory that you own, or set DATABASE_URL`,
      { cause },
    );
  }
}

async function placeDataOfRoot(asked: string, log: Log): Promise<Placement> {
  const accounts = await findServerAccounts();
  if ((await ownerOf(join(asked, 'cluster'))) !== null) {
    const placement = await placementOwnedBy(asked, accounts);
    if (await canEnter(asked, placement.account)) return placement;
    throw new EmbeddedPostgresError(
      `the embedded Postgres in ${asked} runs as user ${placement.account.name}, who can no longer enter that directory: open the directories above it (chmod o+x), or set DATABASE_URL`,
    );
  }
  // Once there is a note, the data are where it says, even if the asked-for directory has become reachable.
  const noted = await readNote(join(asked, noteName));
  if (noted === null && (await canEnter(asked, accounts[0]))) return await placementOwnedBy(asked, accounts);
  const home = noted ?? join(rootDirectory, createHash('sha256').update(asked).digest('hex').slice(0, 12));
  await refuseForeignLinks(join(home, 'cluster', 'data'));
  await makeOpenDirectory(rootDirectory);
  await makeOpenDirectory(home);
  if (noted === null) await writeNote(join(asked, noteName), home);
  log(`embedded Postgres keeps its data in ${home}: ${join(asked, noteName)} says why`);
  return await placementOwnedBy(home, accounts);
}

async function placementOwnedBy(
  home: string,
  accounts: readonly [ServerAccount, ...ServerAccount[]],
): Promise<Placement & { readonly account: ServerAccount }> {
  const cluster = join(home, 'cluster');
  const owner = await ownerOf(cluster);
  const account = owner === null ? accounts[0] : accounts.find(({ uid }) => uid === owner);
  if (account === undefined) throw foreignData(cluster, owner ?? 0, accounts[0].name);
  return { home, cluster, account };
}

/** A clone under `/root` or in a `mktemp -d` is closed to every other user, and it is not for us to open it. */
async function writeNote(note: string, home: string): Promise<void> {
  const text = `${home}\n\nPostgres refuses to run as root, and the user it runs as could not enter this directory.\n`;
  try {
    await writeFile(note, text, { flag: 'wx' });
  } catch (error) {
    // Another command has just written the same.
    if (!hasErrorCode(error, 'EEXIST')) throw error;
  }
}

/**
 * Reads where the data are.
 * @throws EmbeddedPostgresError when root has not written it: it would lead root to a place that another user has chosen.
 */
async function readNote(note: string): Promise<string | null> {
  const found = await lookAt(note);
  if (found === null) return null;
  if (found.isSymbolicLink()) throw linkRefused(note);
  const [home = ''] = ((await readClusterFile(note)) ?? '').split('\n');
  const [parent, name] = [dirname(home), basename(home)];
  if (found.uid === 0 && parent === rootDirectory && /^[0-9a-f]{12}$/.test(name)) return home;
  throw new EmbeddedPostgresError(
    `${note} does not say where root keeps the embedded Postgres (root writes it, and it begins with a directory in ${rootDirectory}): remove it, or set DATABASE_URL`,
  );
}

/** Everybody may look into it; nobody but root may change it, or root would run what somebody else has put there. */
async function makeOpenDirectory(path: string): Promise<void> {
  await makeDirectory(path);
  const { uid } = await stat(path);
  if (uid !== 0) {
    throw new ForeignDataDirectoryError(
      `${path}, where root keeps what the embedded Postgres needs, belongs to uid ${uid}: set EMBEDDED_POSTGRES_DIRECTORY to a directory that the user postgres or nobody can enter, or set DATABASE_URL`,
    );
  }
  await chmod(path, 0o755);
}

/** Gives binaries that load and that the server's user can reach: the package's own, else a copy. */
export async function placeBinaries(
  installed: PostgresBinaries,
  { home, account }: Placement,
  log: Log,
): Promise<PostgresBinaries> {
  const linked = await createSharedLibraryLinks(installed);
  if (account === null) return linked ? installed : await copyBinaries(installed, join(home, 'binaries'));
  if (linked && (await canEnter(join(await realpath(installed.directory), 'bin'), account))) return installed;
  const parent = join(rootDirectory, 'binaries');
  await makeOpenDirectory(rootDirectory);
  await makeOpenDirectory(parent);
  log(`embedded Postgres runs from a copy in ${parent}: user ${account.name} cannot use the installed one`);
  return await copyBinaries(installed, parent);
}

async function checkOwner(cluster: string, uid: number | undefined): Promise<void> {
  const owner = await ownerOf(cluster);
  if (owner !== null && uid !== undefined && owner !== uid) throw foreignData(cluster, owner, `uid ${uid}`);
}

function foreignData(cluster: string, owner: number, user: string): ForeignDataDirectoryError {
  return new ForeignDataDirectoryError(
    `the embedded Postgres data in ${cluster} belong to uid ${owner} and the server would run as ${user}: run this as their owner, give them away with chown -R, or set DATABASE_URL`,
  );
}

async function ownerOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).uid;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    throw new ForeignDataDirectoryError(
      `cannot look at the embedded Postgres data in ${path}: run this as their owner, or set DATABASE_URL`,
      { cause: error },
    );
  }
}

/** Whether an embedded Postgres keeps its files in this directory, or a note there says where else it does. */
export async function hasEmbeddedData(dataDirectory: string): Promise<boolean> {
  const found = await Promise.all(
    ['cluster', noteName].map((name) =>
      access(join(dataDirectory, name)).then(
        () => true,
        // What may not be looked at is there: whoever uses it says what is wrong.
        (error: unknown) => !hasErrorCode(error, 'ENOENT', 'ENOTDIR'),
      ),
    ),
  );
  return found.includes(true);
}
