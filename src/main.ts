#!/usr/bin/env node
import { hostname } from 'node:os';
import { exitCodes } from './cli/exit-codes.ts';
import { readPackageVersion } from './app/package-version.ts';
import { watchSignals } from './cli/terminal/signals.ts';
import { collectEagerly, keepHeapSmall } from './cli/small-heap.ts';
import type { HttpGet } from './exa/http/http-get.ts';
import { sleep } from './exa/http/sleep.ts';
import type { WebFetch } from './schedule/alerts/webhook.ts';

keepHeapSmall(process);

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

const argv = process.argv.slice(2);

interface Http {
  readonly get: HttpGet;
  readonly fetch: WebFetch;
}

/** Loaded with the first request: most commands make none. */
async function openHttp(): Promise<Http> {
  const { createHttpGet } = await import('./exa/http/http-get.ts');
  const { createDispatcher, createFetch } = await import('./exa/http/dispatcher.ts');
  const dispatcher = createDispatcher(process.env);
  return { get: createHttpGet(dispatcher, collectEagerly), fetch: createFetch(dispatcher) };
}

let http: Promise<Http> | null = null;

/** All the rest is loaded only for what is more than this. */
async function printVersion(): Promise<number> {
  process.stdout.write(`${await readPackageVersion()}\n`);
  return exitCodes.succeeded;
}

async function run(): Promise<number> {
  const { runCommandLine } = await import('./cli/run-command-line.ts');
  return runCommandLine({
    argv,
    environment: process.env,
    workingDirectory: process.cwd(),
    // Opening it is left to who reads it.
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    signal,
    interruptedBy,
    get: async (url, options) => (await (http ??= openHttp())).get(url, options),
    fetch: async (url, options) => (await (http ??= openHttp())).fetch(url, options),
    clock: { now: () => Date.now() },
    sleep,
    random: () => Math.random(),
    host: hostname(),
    pid: process.pid,
  });
}

const asksForVersion = argv.length === 1 && ['--version', '-V'].includes(argv[0] ?? '');
process.exitCode = await (asksForVersion ? printVersion() : run());

// A reader that is slow gets all of it first.
process.stdout.write('', () => setTimeout(() => process.exit(), patienceMs).unref());
