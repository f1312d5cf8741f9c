/** `exa-monitor-sync sync` as a real process, for what only the death of a process shows. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { SimulatedAccount } from '../../src/simulator/account/account.ts';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import { startSimulator, type Simulator } from '../../src/simulator/http/server.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { createSmallAccount, type SmallAccountOptions } from './small-account.ts';
import { apiKey } from './sync-kit.ts';

const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface ServedAccount {
  readonly account: SimulatedAccount;
  readonly simulator: Simulator;
  readonly database: TestDatabase;
}

/** A small account that tells the real time, served for one test, and a database of the test's own. */
export async function serveSmallAccount(options: SmallAccountOptions): Promise<ServedAccount> {
  const account = createSmallAccount(createManualClock(Date.now()), options);
  const simulator = await startSimulator({ account, apiKey, recordRequests: true });
  onTestFinished(() => simulator.close());
  return { account, simulator, database: await createTestDatabase('empty') };
}

export interface SyncProcess {
  readonly pid: number;
  /** Everything printed so far, on both streams. */
  output(): string;
  /** SIGKILL: no handler runs, nothing is closed. */
  kill(): void;
  /** As other users of the machine see it. */
  title(): Promise<string>;
  /** @returns the exit code; null when it was killed. */
  ended(): Promise<number | null>;
  /** @throws Error with all that was printed, unless it ends with 0. */
  succeeded(): Promise<void>;
}

export interface ProcessSettings {
  /** Default `sync`. */
  readonly command?: string;
  readonly databaseUrl?: string;
  readonly pageSize?: number;
  readonly concurrency?: number;
  readonly logLevel?: string;
  readonly timeoutMs?: number;
  readonly args?: readonly string[];
}

/** Starts a sync; it ends with the test at the latest. */
export function startSync(
  { simulator, database }: ServedAccount,
  settings: ProcessSettings = {},
): SyncProcess {
  const { pageSize = 3, concurrency = 1, logLevel = 'info', timeoutMs = 5000, args = [] } = settings;
  const child = spawn(process.execPath, [program, settings.command ?? 'sync', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      EXA_API_KEY: apiKey,
      EXA_BASE_URL: simulator.url,
      DATABASE_URL: settings.databaseUrl ?? database.url,
      EXA_REQUESTS_PER_SECOND: '0',
      EXA_APIS: 'websets',
      EXA_PAGE_SIZE: String(pageSize),
      EXA_TIMEOUT_MS: String(timeoutMs),
      SYNC_CONCURRENCY: String(concurrency),
      LOG_LEVEL: logLevel,
    },
  });
  const ended = once(child, 'close').then(() => child.exitCode);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    pid: pidOf(child),
    output: () => output,
    kill: () => void child.kill('SIGKILL'),
    title: () => titleOf(pidOf(child)),
    ended: () => ended,
    succeeded: async () => {
      const exitCode = await ended;
      if (exitCode !== 0) throw new Error(`ended with ${exitCode}: ${output}`);
    },
  };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`${program} could not be started`);
  return child.pid;
}

async function titleOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8');
  const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]);
  return stdout;
}
