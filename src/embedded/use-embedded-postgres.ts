/** A real Postgres for those who configured none: found if it runs, started if not, stopped by its last user. */
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseName, dataPath, ensureCluster, readPassword, userName } from './cluster.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { type Lease, takeLease } from './server/lease.ts';
import { type Placement, placeBinaries, placeData } from './place/placement.ts';
import { type PostgresBinaries, findPostgresBinaries } from './place/postgres-binaries.ts';
import { isPostmaster, readPostmasterFile, removeMisleadingPostmasterFile } from './server/postmaster.ts';
import { startServer, stopServer } from './server/server-process.ts';

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
  /** With user and password. */
  readonly url: string;
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
  const { lease, startedByUs } = await joinServer(binaries, placement, { durable, port, log, signal });

  const password = await readPassword(placement);
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> =>
    await (released ??= lease.giveUp(async () => await stopServer(binaries, placement)));
  if (signal?.aborted === true) {
    await release();
    signal.throwIfAborted();
  }
  return {
    url: `postgres://${userName}:${password}@127.0.0.1:${lease.port}/${databaseName}`,
    port: lease.port,
    directory: placement.home,
    startedByUs,
    ended: lease.ended,
    release,
  };
}

interface JoinOptions {
  readonly durable: boolean;
  readonly port: number;
  readonly log: (message: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** Two processes may both find no server and start one: Postgres lets only one of them have the directory. */
async function joinServer(
  binaries: PostgresBinaries,
  placement: Placement,
  options: JoinOptions,
): Promise<{ lease: Lease; startedByUs: boolean }> {
  const dataDirectory = dataPath(placement);
  const password = await readPassword(placement);
  const deadlineMs = Date.now() + patienceMs;
  let startedByUs = false;
  for (;;) {
    // Once started, the server is joined in any case: only its users stop it.
    if (!startedByUs) options.signal?.throwIfAborted();
    const running = await readPostmasterFile(dataDirectory);
    if (running !== null) {
      const lease = await takeLease({ port: running.port, password, dataDirectory });
      if (lease !== null) return { lease, startedByUs };
    }
    if (running === null || !(await isPostmaster(running.pid, dataDirectory))) {
      await removeMisleadingPostmasterFile(dataDirectory);
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
