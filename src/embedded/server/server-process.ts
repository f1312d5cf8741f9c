/** Starts and stops the server by `pg_ctl`, which detaches it: it outlives a command that is killed. */
import { constants } from 'node:fs';
import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeAccessRules } from '../access-rules.ts';
import { linkRefused } from '../cluster-file.ts';
import { dataPath } from '../cluster.ts';
import { EmbeddedPortTakenError, EmbeddedPostgresError } from '../embedded-postgres-error.ts';
import { hasErrorCode } from '../error-code.ts';
import { clusterName } from './lease.ts';
import type { Placement } from '../place/placement.ts';
import { type PostgresBinaries, programPath } from '../place/postgres-binaries.ts';
import { isPostmaster, readPostmasterFile, removeMisleadingLock } from './postmaster.ts';
import { runProgram } from '../run-program.ts';
import { makeSocketDirectory, removeSocketDirectory, socketPath } from './socket-directory.ts';

/** Long enough for crash recovery on a slow disk. */
const startTimeoutSeconds = 60;
const stopTimeoutMs = 60_000;
const stopPollMs = 20;
const logMaxBytes = 1_000_000;

export interface StartOptions {
  /** 0 chooses a free one. */
  readonly port: number;
  readonly durable: boolean;
}

/**
 * Starts the server and waits until it takes connections.
 * @returns false when another server, or what is left of a killed one, still holds the data directory: try again.
 * @throws EmbeddedPortTakenError when the port is taken.
 */
export async function startServer(
  binaries: PostgresBinaries,
  placement: Placement,
  options: StartOptions,
): Promise<boolean> {
  const port = options.port === 0 ? await findFreePort() : options.port;
  const data = dataPath(placement);
  await removeMisleadingLock(join(data, 'postmaster.pid'), data);
  const sockets = await makeSocketDirectory(placement);
  await writeAccessRules(placement, { hasSocket: sockets !== null });
  if (sockets !== null) await removeMisleadingLock(`${socketPath(sockets.path, port)}.lock`, data);
  const logPath = join(placement.home, 'server.log');
  await keepLogSmall(logPath);
  const log = await openLog(logPath, placement);
  let started = false;
  try {
    const { size } = await log.stat();
    const { exitCode } = await runProgram(
      programPath(binaries, 'pg_ctl'),
      [
        'start',
        '--silent',
        '--wait',
        `--timeout=${startTimeoutSeconds}`,
        `--pgdata=${data}`,
        `--options=${serverSettings(port, sockets?.setting ?? '', options.durable)}`,
      ],
      { account: placement.account, outputTo: log.fd },
    );
    started = exitCode === 0;
    if (started) return true;
    const written = await log.read({ position: size, buffer: Buffer.alloc(64 * 1024) });
    return judgeFailure(written.buffer.toString('utf8', 0, written.bytesRead), options.port, logPath);
  } finally {
    await log.close();
    // A server that recovers for longer than it was waited for keeps it.
    const named = started ? null : await readPostmasterFile(data);
    if (!started && named?.socketDirectory !== sockets?.path) {
      await removeSocketDirectory(sockets?.path ?? null, port);
    }
  }
}

/** Root does not write through a link: the log may lie in somebody else's directory. */
async function openLog(path: string, { account }: Placement): Promise<FileHandle> {
  const noFollow = account === null ? 0 : constants.O_NOFOLLOW;
  try {
    return await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | noFollow, 0o600);
  } catch (error) {
    if (hasErrorCode(error, 'ELOOP')) throw linkRefused(path);
    throw error;
  }
}

/** Names and values that no shell changes: `pg_ctl` hands them through one. */
function serverSettings(port: number, socketDirectory: string, durable: boolean): string {
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${socketDirectory}`,
    'unix_socket_permissions=0700',
    'password_encryption=scram-sha-256',
    `cluster_name=${clusterName}`,
    'timezone=UTC',
    'log_timezone=UTC',
    'log_checkpoints=off',
    // Twice what Postgres takes by itself: with 3.6 million runs, pages of the indexes came and went with each write.
    'shared_buffers=256MB',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  return settings.map((setting) => `-c ${setting}`).join(' ');
}

function judgeFailure(output: string, askedPort: number, logPath: string): boolean {
  if (/lock file ".*" already exists|shared memory block .* still in use/.test(output)) return false;
  const bind = /could not bind IPv4 address "[^"]*": (.*)/.exec(output);
  if (bind !== null) {
    // A free port that was taken in the meantime.
    if (askedPort === 0) return false;
    throw new EmbeddedPortTakenError(askedPort, bind[1] ?? 'taken');
  }
  const lines = output.split('\n');
  const reason =
    lines.findLast((line) => /FATAL|PANIC/.test(line)) ??
    lines.findLast((line) => /error|could not/i.test(line));
  throw new EmbeddedPostgresError(
    `the embedded Postgres did not start: ${(reason ?? 'no reason given').trim()} (all of its log: ${logPath}); set DATABASE_URL to use another server`,
  );
}

/** Ends all connections and waits until the server is gone. */
export async function stopServer(binaries: PostgresBinaries, placement: Placement): Promise<void> {
  const data = dataPath(placement);
  const server = await readPostmasterFile(data);
  if (server === null) return;
  const { exitCode, output } = await runProgram(
    programPath(binaries, 'pg_ctl'),
    ['stop', '--silent', '--no-wait', '--mode=fast', `--pgdata=${data}`],
    { account: placement.account },
  );
  if (exitCode !== 0) throw new EmbeddedPostgresError(`the embedded Postgres did not stop: ${output.trim()}`);
  // `pg_ctl --wait` would wait for the next server if another command starts one at this very moment.
  const deadlineMs = Date.now() + stopTimeoutMs;
  while (await isPostmaster(server.pid, data)) {
    if (Date.now() > deadlineMs) {
      throw new EmbeddedPostgresError(
        `the embedded Postgres (process ${server.pid}) still runs ${stopTimeoutMs / 1000} s after it was told to stop`,
      );
    }
    await sleep(stopPollMs);
  }
  await removeSocketDirectory(server.socketDirectory, server.port);
}

async function keepLogSmall(path: string): Promise<void> {
  try {
    const { size } = await stat(path);
    if (size > logMaxBytes) await rename(path, `${path}.old`);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  return await new Promise<number>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
