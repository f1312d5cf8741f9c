#!/usr/bin/env node
import { hostname } from 'node:os';
import { exitCodes } from './cli/exit-codes.ts';
import { growHeapSlowly } from './cli/heap.ts';
import { runCommandLine } from './cli/run-command-line.ts';
import { watchSignals } from './cli/terminal/signals.ts';
import { createHttpGet } from './exa/http/http-get.ts';
import { createDispatcher } from './exa/http/dispatcher.ts';
import { sleep } from './exa/http/sleep.ts';

growHeapSlowly();

// A reader that has seen enough (`| head`) closes the pipe: no error of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = exitCodes.failed;
  });
}

/** What holds a process that has been told to end, and has ended all it did, is a connection whose server never says goodbye. */
const patienceMs = 1000;
const interruption = watchSignals(
  process,
  () => performance.now(),
  (code) => process.exit(code),
);

process.exitCode = await runCommandLine({
  argv: process.argv.slice(2),
  environment: process.env,
  workingDirectory: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  interruption,
  get: createHttpGet(createDispatcher(process.env)),
  fetch: globalThis.fetch,
  clock: { now: () => Date.now() },
  sleep,
  random: () => Math.random(),
  host: hostname(),
  pid: process.pid,
});

if (interruption.signal.aborted) setTimeout(() => process.exit(), patienceMs).unref();
