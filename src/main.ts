#!/usr/bin/env node
import { hostname } from 'node:os';
import { exitCodes } from './cli/exit-codes.ts';
import { runCommandLine } from './cli/run-command-line.ts';
import { watchSignals } from './cli/terminal/signals.ts';
import { createHttpGet } from './exa/http/http-get.ts';
import { createDispatcher } from './exa/http/dispatcher.ts';
import { sleep } from './exa/http/sleep.ts';

// A reader that has seen enough (`| head`) closes the pipe: no error of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.exitCode = exitCodes.failed;
  });
}

/** What holds a process that has done all it was asked for is a connection whose server never says goodbye. */
const patienceMs = 1000;
/** Service managers kill 30 seconds after they have asked; whatever still waits then for a server that says nothing is given up before. */
const longestEndMs = 25_000;

const { signal, interruptedBy } = watchSignals(
  process,
  () => performance.now(),
  (code) => process.exit(code),
);
const giveUp = (): void => {
  process.stderr.write(
    'gave up waiting for what was under way; the next cycle goes on where this one was stopped\n',
  );
  process.exit(interruptedBy() ?? exitCodes.failed);
};
signal.addEventListener('abort', () => setTimeout(giveUp, longestEndMs).unref(), { once: true });

process.exitCode = await runCommandLine({
  argv: process.argv.slice(2),
  environment: process.env,
  workingDirectory: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  signal,
  interruptedBy,
  get: createHttpGet(createDispatcher(process.env)),
  fetch: globalThis.fetch,
  clock: { now: () => Date.now() },
  sleep,
  random: () => Math.random(),
  host: hostname(),
  pid: process.pid,
});

// A reader that is slow gets all of it first.
process.stdout.write('', () => setTimeout(() => process.exit(), patienceMs).unref());
