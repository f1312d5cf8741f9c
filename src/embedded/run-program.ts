/** Runs one of Postgres' own programs to its end. */
import { spawn } from 'node:child_process';
import { parse } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import type { ServerAccount } from './place/server-account.ts';

export interface ProgramRun {
  /** Runs it as this user; null as the user of this process. */
  readonly account: ServerAccount | null;
  readonly stdin?: string;
  /** File descriptor that takes all output; without it the output is returned. */
  readonly outputTo?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly output: string;
}

export async function runProgram(
  file: string,
  programArguments: readonly string[],
  run: ProgramRun,
): Promise<ProgramResult> {
  const output = run.outputTo ?? 'pipe';
  const child = spawn(file, programArguments, {
    stdio: [run.stdin === undefined ? 'ignore' : 'pipe', output, output],
    // The current directory may be closed to the server's user.
    cwd: parse(file).root,
    windowsHide: true,
    ...(run.account === null ? {} : { uid: run.account.uid, gid: run.account.gid }),
    ...(run.signal === undefined ? {} : { signal: run.signal }),
    // An environment of its own: PGPORT and its kin would change what is run, messages must be in English to be
    // told apart, and the server outlives this process, which may have keys in its environment.
    ...(process.platform === 'win32' ? {} : { env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' } }),
  });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A program that ends before it has read its input is judged by its exit code.
  child.stdin?.on('error', () => {});
  child.stdin?.end(run.stdin);
  return await new Promise<ProgramResult>((resolve, reject) => {
    child.on('error', (cause) => {
      if (run.signal?.aborted === true) return reject(cause);
      reject(
        new EmbeddedPostgresError(
          `cannot run ${file} (${cause.message}): set DATABASE_URL to a Postgres server if its binaries do not fit this machine`,
          { cause },
        ),
      );
    });
    child.on('close', (exitCode) => resolve({ exitCode, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
