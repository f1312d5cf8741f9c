/** The built program as a process of its own, in an empty directory and an empty environment. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { makeReachableDirectory } from '../embedded/reachable-directory.ts';

export const entry = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

export async function makeDirectory(): Promise<string> {
  // Without DATABASE_URL, the warehouse is made in it.
  const directory = await makeReachableDirectory('exa-monitor-sync-cli-');
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Starts a command; killed at the end of the test if it still runs. */
export async function startCommand(
  argv: readonly string[],
  { environment = {}, directory }: RunOptions = {},
): Promise<Started> {
  const child = spawn(process.execPath, [entry, ...argv], {
    cwd: directory ?? (await makeDirectory()),
    env: { PATH: process.env['PATH'], ...environment },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
  return { child, ended };
}

export async function runCommand(argv: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { ended } = await startCommand(argv, options);
  return ended;
}

/** Lines of a text, without the empty one after its last line break. */
export function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
