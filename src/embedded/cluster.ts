/** Makes the data files of a new server: all at once or not at all. */
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readClusterFile } from './cluster-file.ts';
import { EmbeddedPostgresError, PostgresVersionError } from './embedded-postgres-error.ts';
import { hasErrorCode } from './error-code.ts';
import type { Placement } from './place/placement.ts';
import { type PostgresBinaries, majorVersion, programPath } from './place/postgres-binaries.ts';
import { runProgram } from './run-program.ts';
import { removeUnfinished, unfinishedPath } from './place/unfinished.ts';

export const userName = 'exa';
export const databaseName = 'warehouse';

export interface ClusterOptions {
  readonly durable: boolean;
  readonly log: (message: string) => void;
  readonly signal: AbortSignal | undefined;
}

export function dataPath({ cluster }: Placement): string {
  return join(cluster, 'data');
}

/** The password of the superuser. */
export async function readPassword({ cluster }: Placement): Promise<string> {
  const file = join(cluster, 'password');
  const text = await readClusterFile(file);
  if (text !== null) return text.trim();
  throw new EmbeddedPostgresError(
    `${file} is missing, and nobody can connect to the embedded Postgres without it: put it back from a copy of the directory, or set DATABASE_URL`,
  );
}

/**
 * Makes the cluster unless there is one. Each process builds in a directory of its own, and the first to rename it
 * wins: no lock, so none can be left behind by a killed process.
 * @throws PostgresVersionError when another major version made the one that is there.
 */
export async function ensureCluster(
  binaries: PostgresBinaries,
  placement: Placement,
  options: ClusterOptions,
): Promise<void> {
  if (await hasCluster(binaries, placement)) return;
  await removeUnfinished(placement.cluster);
  options.log('embedded Postgres: creating the database files');
  const unfinished = unfinishedPath(placement.cluster);
  try {
    await createFiles(binaries, { ...placement, cluster: unfinished }, options);
    await rename(unfinished, placement.cluster);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true, maxRetries: 5 });
    options.signal?.throwIfAborted();
    // Renaming onto the directory that another process has just put there is refused: that one is as good.
    if (!(await hasCluster(binaries, placement))) throw error;
  }
}

async function hasCluster(binaries: PostgresBinaries, placement: Placement): Promise<boolean> {
  let version: string;
  try {
    version = (await readFile(join(dataPath(placement), 'PG_VERSION'), 'utf8')).trim();
  } catch (cause) {
    if (!hasErrorCode(cause, 'ENOENT')) throw cause;
    if (!(await pathExists(placement.cluster))) return false;
    throw new EmbeddedPostgresError(
      `${placement.cluster} is not a Postgres cluster (it has no data/PG_VERSION): move it away, or set DATABASE_URL`,
      { cause },
    );
  }
  const major = majorVersion(binaries);
  if (version === String(major)) return true;
  throw new PostgresVersionError(
    `${placement.cluster} was made by Postgres ${version} and the installed one is ${major}: move it away (the next sync fills a new one), or serve it with Postgres ${version} and set DATABASE_URL`,
  );
}

async function createFiles(
  binaries: PostgresBinaries,
  placement: Placement,
  { durable, signal }: ClusterOptions,
): Promise<void> {
  const { account } = placement;
  const data = dataPath(placement);
  const passwordFile = join(placement.cluster, 'password');
  await mkdir(placement.cluster, { mode: 0o700 });
  await writeFile(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  if (account !== null) {
    await chown(passwordFile, account.uid, account.gid);
    await chown(placement.cluster, account.uid, account.gid);
  }

  const initdb = await runProgram(
    programPath(binaries, 'initdb'),
    [
      `--pgdata=${data}`,
      `--username=${userName}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      // Other platforms would pick an encoding by their own locale.
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
      ...(durable ? [] : ['--no-sync']),
    ],
    { account, signal },
  );
  if (initdb.exitCode !== 0) throw programFailed('initdb', initdb.output);

  // Single-user mode needs no port, so the database is there before the server first listens.
  const single = await runProgram(
    programPath(binaries, 'postgres'),
    ['--single', '-D', data, '-c', `fsync=${durable ? 'on' : 'off'}`, '-c', 'exit_on_error=on', 'postgres'],
    { account, signal, stdin: `create database ${databaseName}\n` },
  );
  if (single.exitCode !== 0) throw programFailed('postgres --single', single.output);
}

function programFailed(program: string, output: string): EmbeddedPostgresError {
  const reason = output
    .trim()
    .split('\n')
    .findLast((line) => /error|fatal|could not|cannot/i.test(line));
  return new EmbeddedPostgresError(
    `the embedded Postgres could not create its files, ${program} says: ${(reason ?? output).trim()}; set DATABASE_URL to use another server`,
  );
}

async function pathExists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return false;
    throw error;
  }
}
