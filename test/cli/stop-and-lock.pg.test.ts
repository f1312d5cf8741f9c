import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { runCommand, startCommand, type Started } from './command-line.ts';
import { countRuns, lastCycle, parseSummary, serveAccount, type ServedAccount } from './served-account.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 60_000 });

/** Starts a sync whose second page of runs is never answered, and resolves once it has been asked for. */
async function startHangingSync(served: ServedAccount): Promise<Started> {
  const asked = new Promise<void>((resolve) => {
    served.simulator.setFaults(({ endpoint, cursor }) => {
      if (endpoint !== 'runs' || cursor === null) return null;
      resolve();
      return { kind: 'hang' };
    });
  });
  const started = await startCommand(['sync', '--json'], served);
  await Promise.race([asked, started.ended]);
  served.simulator.setFaults(null);
  return started;
}

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s commits the page at hand, records the cycle as interrupted and exits %i',
    async (signal, code) => {
      const served = await serveAccount({ monitors: 1, runsPerMonitor: 700 });
      const started: { command?: Started } = {};
      served.simulator.setFaults(({ endpoint, cursor }) => {
        // The request for the second page is under way when the signal comes, and is answered.
        if (endpoint === 'runs' && cursor !== null) started.command?.child.kill(signal);
        return null;
      });
      started.command = await startCommand(['sync', '--json'], served);
      const { exitCode, stdout, stderr } = await started.command.ended;
      expect(exitCode).toBe(code);
      expect(parseSummary(stdout)).toMatchObject({
        status: 'interrupted',
      });
      expect(stderr).toContain('cycle interrupted');
      expect((await lastCycle(served)).status).toBe('interrupted');
      expect(await countRuns(served)).toBe(400);

      served.simulator.setFaults(null);
      const next = await runCommand(['sync', '--json'], served);
      expect(next.exitCode).toBe(0);
      expect(await countRuns(served)).toBe(700);
    },
  );

  it('ends a command whose database accepts connections and says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const connected = once(silent, 'connection');
    const { environment } = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
    const { child, ended } = await startCommand(['schedule'], {
      environment: { ...environment, DATABASE_URL: `postgres://u@127.0.0.1:${portOf(silent)}/w` },
    });
    await connected;
    child.kill('SIGTERM');
    expect(await ended).toEqual({ exitCode: 143, stdout: '', stderr: 'interrupted by SIGTERM\n' });
  });

  it('ends a command that waits for the migrations of another one', async () => {
    const { environment, database } = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
    // Of this database only: others of the server are other tests'. And asked outside of the transaction, which would be
    // told the same each time.
    const isWaiting = async (): Promise<boolean> =>
      (
        await database.sql`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      ).length > 0;
    await database.sql.begin(async (sql) => {
      await sql`create table schema_migrations (id serial primary key, hash text not null, created_at bigint)`;
      const { child, ended } = await startCommand(['schedule'], { environment });
      while (!(await isWaiting())) await pause(20);
      child.kill('SIGTERM');
      const { exitCode, stdout, stderr } = await ended;
      expect({ exitCode, stdout }).toEqual({ exitCode: 143, stdout: '' });
      const [opened, ...rest] = stderr.trimEnd().split('\n');
      expect(opened).toContain('warehouse opened');
      expect(rest).toEqual(['interrupted by SIGTERM']);
    });
    expect(await database.sql`select from pg_tables where tablename = 'monitors'`).toEqual([]);
  });

  it('that comes twice ends the process at once, and the next sync goes on', async () => {
    const served = await serveAccount({ monitors: 1, runsPerMonitor: 300 });
    const { child, ended } = await startHangingSync(served);
    // Signals that come together count as one, so they come until the process is gone, as from an impatient person.
    const pressing = setInterval(() => child.kill('SIGINT'), 20);
    const { exitCode } = await ended;
    clearInterval(pressing);
    expect(exitCode).toBe(130);
    expect((await lastCycle(served)).status).toBe('running');

    const next = await runCommand(['sync', '--json'], served);
    expect(next.exitCode).toBe(0);
    expect(await countRuns(served)).toBe(300);
  });
});

describe('the lock', () => {
  it('ends a second sync with exit code 75 and the name of the holder', async () => {
    const served = await serveAccount({ monitors: 1, runsPerMonitor: 300 });
    const { child } = await startHangingSync(served);
    const { exitCode, stdout, stderr } = await runCommand(['sync', '--json'], served);
    expect(exitCode).toBe(75);
    expect(stdout).toBe('');
    expect(stderr).toContain('another cycle holds the lock of this warehouse');
    expect(stderr).toContain(`process ${child.pid}`);
  });
});

describe('a database that drops its connections in mid-cycle', () => {
  it('ends the cycle as failed with one clear line, and the next sync goes on', async () => {
    const served = await serveAccount({ monitors: 1, runsPerMonitor: 300 });
    const environment = { ...served.environment, EXA_TIMEOUT_MS: '500' };
    const { ended } = await startHangingSync({ ...served, environment });
    await served.database.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`;
    const { exitCode, stdout, stderr } = await ended;
    expect(exitCode).toBe(1);
    const summary = parseSummary(stdout);
    expect(summary.status).toBe('failed');
    expect(summary.error).toContain('the lock was lost with its database connection');
    expect(stderr).not.toMatch(/\n\s+at /);

    const next = await runCommand(['sync'], served);
    expect(next.exitCode).toBe(0);
    expect(await countRuns(served)).toBe(300);
  });
});

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
