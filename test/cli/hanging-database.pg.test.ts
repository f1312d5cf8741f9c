/** The real process, and a server of these tests' own that stops answering in every way there is. */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { useEmbeddedPostgres, type EmbeddedPostgres } from '../../src/embedded/use-embedded-postgres.ts';
import { createDataDirectory, removeDataDirectory, serverPid } from '../embedded/data-directory.ts';
import { createTester } from '../postgres/tester.ts';
import { findFreePort } from '../schedule/free-port.ts';
import { startWebhookReceiver } from '../schedule/webhook-receiver.ts';
import { runCommand, startCommand, type Ended, type Started } from './command-line.ts';
import { serveAccount, type AccountSize, type ServedAccount } from './served-account.ts';

// Each command is a process of its own that waits for a server in vain: what hangs fails by these.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let directory: string;
let server: EmbeddedPostgres;
let adminUrl: string;

beforeAll(async () => {
  directory = await createDataDirectory();
  server = await useEmbeddedPostgres({ dataDirectory: directory, port: 0, durable: false });
  adminUrl = await createTester(server);
});

afterAll(async () => {
  await server.release();
  await removeDataDirectory(directory);
});

interface Served extends ServedAccount {
  /** Of the server that hangs; its name is `somebody`. */
  readonly sql: Sql;
}

let databases = 0;

/** An account, and a migrated database on the server that hangs. The patience is short, but for a busy machine. */
async function serve(size: AccountSize, patienceSeconds = 4): Promise<Served> {
  const served = await serveAccount(size);
  databases += 1;
  const url = new URL(adminUrl);
  const admin = postgres(adminUrl, { max: 1, fetch_types: false, onnotice: () => undefined });
  await admin.unsafe(`create database hanging_${databases}`);
  await admin.end();
  url.pathname = `/hanging_${databases}`;
  const sql = postgres(url.href, {
    max: 3,
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: 'somebody' },
  });
  onTestFinished(() => sql.end({ timeout: 1 }));
  const environment = {
    ...served.environment,
    DATABASE_URL: url.href,
    EXA_TIMEOUT_MS: '1000',
    HTTP_PORT: '0',
    SYNC_CRON: '0 0 1 1 *',
  };
  expect(await runCommand(['migrate'], { environment })).toMatchObject({ exitCode: 0 });
  return {
    ...served,
    sql,
    environment: { ...environment, DATABASE_PATIENCE_SECONDS: String(patienceSeconds) },
  };
}

/** A session of somebody else, in a transaction with a lock, until it is ended. @returns the server's id of it. */
async function lockInSession({ environment }: Served, statement: string) {
  const session = postgres(environment['DATABASE_URL'] ?? '', {
    max: 1,
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: 'somebody' },
  });
  const release = (): Promise<void> => session.end({ timeout: 0 });
  onTestFinished(release);
  await session`begin`;
  await session.unsafe(statement);
  const [row] = await session<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return { pid: row?.pid ?? 0, release };
}

/** Starts a command, and resolves when it has asked for a second page of runs, which comes once `answer` is called. */
async function startAndHold(
  command: 'sync' | 'schedule',
  { simulator, environment }: Served,
): Promise<Started & { readonly answer: () => void }> {
  const asked = new Promise<void>((resolve) => {
    simulator.setFaults(({ endpoint, cursor }) => {
      if (endpoint !== 'runs' || cursor === null) return null;
      resolve();
      return { kind: 'hang' };
    });
  });
  const started = await startCommand([command], { environment });
  await Promise.race([asked, started.ended]);
  return { ...started, answer: () => simulator.setFaults(null) };
}

/** The server's processes behind the connections of commands. */
async function backendsOf({ sql }: Served): Promise<readonly number[]> {
  const rows = await sql<{ pid: number }[]>`
    select pid from pg_stat_activity
    where datname = current_database() and application_name like 'exa-monitor-sync%'`;
  return rows.map(({ pid }) => pid);
}

async function untilNoBackendOf(served: Served): Promise<void> {
  while ((await backendsOf(served)).length > 0) await pause(20);
}

/** @returns a function that lets them go on, which the end of the test does as well. */
function freeze(pids: readonly number[]): () => void {
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of pids) {
      try {
        process.kill(pid, name);
      } catch {
        // It has ended.
      }
    }
  };
  signal('SIGSTOP');
  const thaw = (): void => signal('SIGCONT');
  onTestFinished(thaw);
  return thaw;
}

/** The postmaster and all that it has started. */
async function pidsOfServer(): Promise<readonly number[]> {
  const pid = (await serverPid(directory)) ?? 0;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return [pid, ...children.trim().split(' ').map(Number)];
}

async function expectToWorkAgain(served: Served): Promise<void> {
  await untilNoBackendOf(served);
  served.simulator.setFaults(null);
  expect(await runCommand(['sync'], served)).toMatchObject({ exitCode: 0 });
  expect(await served.sql`select from monitor_runs`).toHaveLength(300);
}

const size = { monitors: 1, runsPerMonitor: 300 };

it('connections that freeze are given up, and the cycle fails with a line that says so', async () => {
  const served = await serve(size);
  const { child, ended, answer } = await startAndHold('sync', served);
  const thaw = freeze(await backendsOf(served));
  answer();
  const { exitCode, stderr } = await ended;
  expect(exitCode).toBe(1);
  expect(stderr).toContain('the database did not answer for 4 s');

  // New connections work, and tell who has the lock.
  const other = await runCommand(['sync'], served);
  expect(other.exitCode).toBe(75);
  expect(other.stderr).toContain(`application exa-monitor-sync ${child.pid} `);
  thaw();
  await expectToWorkAgain(served);
});

describe('a server that is frozen as a whole', () => {
  it('is given up', async () => {
    const served = await serve(size);
    const { ended, answer } = await startAndHold('sync', served);
    const thaw = freeze(await pidsOfServer());
    answer();
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('the database did not answer for 4 s');
    thaw();
    await expectToWorkAgain(served);
  });

  it.each(['sync', 'schedule'] as const)(
    'keeps no %s from ending when it is asked to, whatever the patience',
    async (command) => {
      const served = await serve(size, 3600);
      const { child, ended, answer } = await startAndHold(command, served);
      const thaw = freeze(await pidsOfServer());
      answer();
      // The page comes with the second attempt, and is being written.
      await pause(3000);
      child.kill('SIGTERM');
      const { exitCode, stderr } = await ended;
      expect(exitCode).toBe(143);
      expect(stderr).toContain('gave up waiting for what was under way');
      thaw();
      await expectToWorkAgain(served);
    },
  );
});

const lockRuns = (served: Served) =>
  lockInSession(served, 'lock table monitor_runs in access exclusive mode');
const reason = (pid: number): string =>
  `session ${pid} of the database, user exa_tests, application somebody, has a lock on monitor_runs`;

describe('a table that somebody has locked', () => {
  it('fails the cycle that meets it at its start, and the one that meets it on its way, and both say who it is', async () => {
    const served = await serve(size);
    const first = await lockRuns(served);
    const atStart = await runCommand(['sync'], served);
    expect(atStart.exitCode).toBe(1);
    expect(atStart.stderr).toContain(reason(first.pid));
    await first.release();

    const { ended, answer } = await startAndHold('sync', served);
    const second = await lockRuns(served);
    answer();
    const onItsWay = await ended;
    expect(onItsWay.exitCode).toBe(1);
    expect(onItsWay.stderr).toContain(reason(second.pid));
    await second.release();
    const [cycle] = await served.sql`select status, error from sync_cycles order by id desc limit 1`;
    expect(cycle).toMatchObject({ status: 'failed', error: expect.stringContaining(reason(second.pid)) });
    await expectToWorkAgain(served);
  });

  it('is a failed cycle of the service, which is alerted, and does not keep it from ending', async () => {
    const served = await serve(size);
    const receiver = await startWebhookReceiver();
    const { pid, release } = await lockRuns(served);
    const environment = {
      ...served.environment,
      ALERT_WEBHOOK_URL: receiver.url,
      ALERT_AFTER_FAILED_CYCLES: '1',
    };
    const { child, ended } = await startCommand(['schedule'], { environment });
    while (receiver.texts.length === 0 && child.exitCode === null) await pause(20);
    child.kill('SIGTERM');
    expect((await ended).exitCode).toBe(143);
    expect(receiver.texts).toEqual([expect.stringContaining(reason(pid))]);
    await release();
    await expectToWorkAgain(served);
  });
});

it('a commit that waits for a standby that is not there is given up, and what it waits for is said', async () => {
  const served = await serve(size);
  const { sql } = served;
  await sql`alter system set synchronous_standby_names = 'nowhere'`;
  const undo = async (): Promise<void> => {
    await sql`set synchronous_commit = off`;
    await sql`alter system reset synchronous_standby_names`;
    await sql`select pg_reload_conf()`;
  };
  onTestFinished(undo);
  await sql.unsafe(
    `alter database "${new URL(served.environment['DATABASE_URL'] ?? '').pathname.slice(1)}" set synchronous_commit = on`,
  );
  await sql`select pg_reload_conf()`;
  const { exitCode, stderr } = await runCommand(['sync'], served);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('waits for a synchronous standby');
  await undo();
  await expectToWorkAgain(served);
});

it.each(['share row exclusive', 'access exclusive'])(
  'the lock of cycles that the owner holds by hand (%s) ends a sync with 75 and his name',
  async (mode) => {
    const served = await serve(size);
    const { pid, release } = await lockInSession(served, `lock table sync_lock in ${mode} mode`);
    const { exitCode, stderr } = await runCommand(['sync'], served);
    expect(exitCode).toBe(75);
    expect(stderr).toContain(`session ${pid} of the database, user exa_tests, application somebody`);
    await release();
    await expectToWorkAgain(served);
  },
);

it('a process that was stopped while another took over ends when it goes on', async () => {
  const served = await serve(size);
  const { child, ended } = await startAndHold('sync', served);
  child.kill('SIGSTOP');
  await served.sql`
    select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and application_name like 'exa-monitor-sync%'`;
  served.simulator.setFaults(null);
  expect(await runCommand(['sync'], served)).toMatchObject({ exitCode: 0 });
  child.kill('SIGCONT');
  const { exitCode, stderr } = await ended;
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/lock was lost|has lost its lock|has taken it over/);
  await expectToWorkAgain(served);
});

async function cut(served: Served, started: Started, afterMs: number): Promise<void> {
  while ((await backendsOf(served)).length === 0 && started.child.exitCode === null) await pause(5);
  await pause(afterMs);
  await served.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like 'exa-monitor-sync%'`;
}

describe('all connections cut at a random moment', () => {
  const moments = Array.from({ length: 4 }, () => Math.round(Math.random() * 1500));

  it('end a sync, which leaves none behind', async () => {
    const served = await serve({ monitors: 40, runsPerMonitor: 3 });
    served.simulator.setLatencyMs(100);
    for (const afterMs of moments) {
      const started = await startCommand(['sync', '--full'], served);
      await cut(served, started, afterMs);
      const { exitCode, stderr }: Ended = await started.ended;
      expect([0, 1], `after ${afterMs} ms: ${stderr}`).toContain(exitCode);
      expect(stderr, `after ${afterMs} ms`).not.toMatch(/\n\s+at /);
      await untilNoBackendOf(served);
    }
  });

  it('leave a service alive, which has none behind when it ends', async () => {
    const served = await serve({ monitors: 40, runsPerMonitor: 3 });
    served.simulator.setLatencyMs(100);
    for (const afterMs of moments) {
      const port = await findFreePort();
      const environment = { ...served.environment, HTTP_PORT: String(port), LOG_LEVEL: 'debug' };
      await served.sql`truncate sync_cycles`;
      const started = await startCommand(['schedule'], { environment });
      let log = '';
      started.child.stderr.on('data', (text: string) => (log += text));
      while (!/"service started"/.test(log) && started.child.exitCode === null) await pause(5);
      await cut(served, started, afterMs);
      while (!/"waiting for the next firing"/.test(log) && started.child.exitCode === null) await pause(20);
      expect(started.child.exitCode, `after ${afterMs} ms: ${log}`).toBeNull();
      expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status, log).toBeGreaterThanOrEqual(200);
      started.child.kill('SIGTERM');
      expect((await started.ended).exitCode).toBe(143);
      await untilNoBackendOf(served);
    }
  });
});
