import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CopyOptions } from './workers/copy-worker.ts';
import type { FetchOptions } from './workers/fetch-worker.ts';
import type { Measurement } from './workers/measure.ts';
import type { ScriptOptions } from './workers/script-worker.ts';
import type { SyncOptions } from './workers/sync-worker.ts';

/** The workers and what each is told. */
export interface WorkerOptions {
  readonly sync: SyncOptions;
  readonly script: ScriptOptions;
  readonly fetch: FetchOptions;
  readonly copy: CopyOptions;
}

/** A worker in a process of its own, so that what it takes is its own. */
export interface RunningWorker {
  readonly process: ChildProcess;
  /** Rejects when the process ends without having measured. */
  readonly measurement: Promise<Measurement>;
}

export function workerPath(name: keyof WorkerOptions | 'simulator'): string {
  return fileURLToPath(new URL(`workers/${name}-worker.js`, import.meta.url));
}

export function startWorker<Name extends keyof WorkerOptions>(
  name: Name,
  options: WorkerOptions[Name],
): RunningWorker {
  const child = fork(workerPath(name), { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.send(options);
  return { process: child, measurement: awaitMeasurement(name, child) };
}

/** Runs a worker to its end. */
export function measure<Name extends keyof WorkerOptions>(
  name: Name,
  options: WorkerOptions[Name],
): Promise<Measurement> {
  return startWorker(name, options).measurement;
}

async function awaitMeasurement(name: string, child: ChildProcess): Promise<Measurement> {
  let measurement: Measurement | null = null;
  child.once('message', (message: Measurement) => {
    measurement = message;
  });
  const [code, signal] = await once(child, 'exit');
  if (measurement === null) throw new Error(`the ${name} worker ended with ${code ?? signal}`);
  return measurement;
}
