/** A real Postgres for those who configured none: found if it runs, started if not, stopped by its last user. */
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseName, dataPath, ensureCluster, readPassword } from './cluster.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { type Lease, takeLease } from './server/lease.ts';
import { type Placement, placeBinaries, placeData } from './place/placement.ts';
import { type PostgresBinaries, findPostgresBinaries } from './place/postgres-binaries.ts';
import { createOwnUrl, type ServerAddress } from './server/own-connection.ts';
import { isPostmaster, readPostmasterFile } from './server/postmaster.ts';
import { ensureReader, readerName } from './server/reader.ts';
import { startServer, stopServer } from './server/server-process.ts';
import { removeSocketDirectory } from './server/socket-directory.ts';

/** How long a server may take that starts, stops, or dies, before the command gives up. */
const patienceMs = 60_000;
const pauseMs = 100;

export interface EmbeddedPostgresOptions {
  /** Made if missing; holds the data, the password and the server's log. */
  readonly dataDirectory: string;
  /** Port on 127.0.0.1 if the server has to be started; 0 chooses a free one. A server that runs keeps its own. */
  readonly port: number;
  /** False trades safety after a crash of the machine for speed. Default true. */
  readonly durable?: boolean;
  /** Told in whole sentences what happens. */
  readonly log?: (message: string) => void;
  readonly signal?: AbortSignal;
}

export interface EmbeddedPostgres {
  /**
   * With user and password, for this program itself: the user may do everything, also start programs as the server's user.
   * By a Unix socket that nobody else can answer on, but by the port where there are none, as on Windows.
   */
  readonly url: string;
  /** By the port, for BI tools: its user reads what it is granted, and can neither write nor start programs. */
  readonly readerUrl: string;
  readonly port: number;
  /** Where data and log lie: the asked-for directory, unless root's server cannot enter that. */
  readonly directory: string;
  /** Whether this call started the server, rather than found it. */
  readonly startedByUs: boolean;
  /** Aborts when the server has died, or after `release`. */
  readonly ended: AbortSignal;
  /** Stops the server unless another command uses it, whoever started it. May be called more than once. */
  readonly release: () => Promise<void>;
}

/**
 * Gives a connection URL to the embedded server of a directory. Any number of processes may do so at once.
 * @throws EmbeddedPostgresError with a line that says what to do.
 */
export async function useEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { signal, durable = true, port, log = () => {} } = options;
  const installed = await findPostgresBinaries();
  const placement = await placeData(options.dataDirectory, log);
  const binaries = await placeBinaries(installed, placement, log);
  await ensureCluster(binaries, placement, { durable, log, signal });
  const { lease, address, startedByUs } = await joinServer(binaries, placement, {
    durable,
    port,
    log,
    signal,
  });

  let released: Promise<void> | undefined;
  const release = async (): Promise<void> =>
    await (released ??= lease.giveUp(async () => await stopServer(binaries, placement)));
  const readerPassword = await readerOf(placement, address, release);
  if (signal?.aborted === true) {
    await release();
    signal.throwIfAborted();
  }
  return {
    url: createOwnUrl(address, databaseName),
    readerUrl: `postgres://${readerName}:${readerPassword}@127.0.0.1:${lease.port}/${databaseName}`,
    port: lease.port,
    directory: placement.home,
    startedByUs,
    ended: lease.ended,
    release,
  };
}

async function readerOf(
  placement: Placement,
  address: ServerAddress,
  release: () => Promise<void>,
): Promise<string> {
  try {
    return await ensureReader(placement, address);
  } catch (error) {
    await release();
    throw error;
  }
}

interface JoinOptions {
  readonly durable: boolean;
  readonly port: number;
  readonly log: (message: string) => void;
  readonly signal: AbortSignal | undefined;
}

interface Joined {
  readonly lease: Lease;
  readonly address: ServerAddress;
  readonly startedByUs: boolean;
}

/** Two processes may both find no server and start one: Postgres lets only one of them have the directory. */
async function joinServer(
  binaries: PostgresBinaries,
  placement: Placement,
  options: JoinOptions,
): Promise<Joined> {
  const dataDirectory = dataPath(placement);
  const password = await readPassword(placement);
  const deadlineMs = Date.now() + patienceMs;
  let startedByUs = false;
  for (;;) {
    // Once started, the server is joined in any case: only its users stop it.
    if (!startedByUs) options.signal?.throwIfAborted();
    const running = await readPostmasterFile(dataDirectory);
    const alive = running !== null && (await isPostmaster(running.pid, dataDirectory));
    // What is not known to be this server is told no password. On Windows it is known only by its knowing the password.
    if (running !== null && running.ready && (alive || process.platform === 'win32')) {
      const address = { ...running, password, dataDirectory };
      const lease = await takeLease(address);
      if (lease !== null) return { lease, address, startedByUs };
    }
    if (!alive) {
      // Whatever a killed server has left under a short name; nobody else can have found the same one.
      await removeSocketDirectory(running?.socketDirectory ?? null, running?.port ?? 0);
      startedByUs = await startServer(binaries, placement, options);
    }
    if (Date.now() > deadlineMs) throw stuck(dataDirectory, running?.pid);
    if (!startedByUs) await sleep(pauseMs);
  }
}

function stuck(dataDirectory: string, pid: number | undefined): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `the embedded Postgres in ${dataDirectory} does not answer (process ${pid ?? 'unknown'}) and was waited for ${patienceMs / 1000} s: it may be recovering, so try again, or end that process`,
  );
}
