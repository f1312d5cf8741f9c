#!/usr/bin/env node
import { hostname } from 'node:os';
import { exitCodes } from './cli/exit-codes.ts';
import { growHeapSlowly } from './cli/heap.ts';
import { runCommandLine } from './cli/run-command-line.ts';
import { watchSignals } from './cli/signals.ts';
import { createHttpGet } from './exa/http-get.ts';
import { sleep } from './exa/sleep.ts';

growHeapSlowly();

// A reader that has seen enough (`| head`) closes the pipe: no error of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = exitCodes.failed;
  });
}

process.exitCode = await runCommandLine({
  argv: process.argv.slice(2),
  environment: process.env,
  workingDirectory: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  interruption: watchSignals(
    process,
    () => performance.now(),
    (code) => process.exit(code),
  ),
  get: createHttpGet(),
  fetch: globalThis.fetch,
  clock: { now: () => Date.now() },
  sleep,
  random: () => Math.random(),
  host: hostname(),
  pid: process.pid,
});
