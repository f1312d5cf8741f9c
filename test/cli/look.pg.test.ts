import { describe, expect, it, vi } from 'vitest';
import { linesOf, runCommand } from './command-line.ts';
import { serveAccount } from './served-account.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 60_000 });

describe('migrate', () => {
  it('says which migrations it applied, and then that there is nothing to do', async () => {
    const { environment } = await serveAccount({ monitors: 0, runsPerMonitor: 0 });
    const first = await runCommand(['migrate'], { environment });
    expect(first.exitCode).toBe(0);
    expect(linesOf(first.stdout)[0]).toBe('Applied 0000_warehouse_tables');
    const second = await runCommand(['migrate', '--json'], { environment });
    expect(JSON.parse(second.stdout)).toEqual({ applied: [] });
  });
});

describe('status', () => {
  it('says that the tables are missing, and makes none', async () => {
    const served = await serveAccount({ monitors: 0, runsPerMonitor: 0 });
    const { exitCode, stderr } = await runCommand(['status'], served);
    expect(exitCode).toBe(1);
    expect(linesOf(stderr)).toHaveLength(1);
    expect(stderr).toContain(
      `/${served.database.name} are missing or older than this version: run exa-monitor-sync migrate`,
    );
    const tables = await served.database.sql`select from pg_tables where schemaname = 'public'`;
    expect(tables).toHaveLength(0);
  });

  it('shows cycles, the monitors that were never read or fail first, and errors', async () => {
    const served = await serveAccount({ monitors: 3, runsPerMonitor: 4, openRunsPerMonitor: 1 });
    const [first = '', broken = ''] = served.account.monitorIds();
    await runCommand(['sync'], served);
    // Read later than the others and failing since: still the worst.
    await runCommand(['sync', '--full', '--monitor', broken], served);
    served.simulator.setFaults(({ endpoint, monitorId }) =>
      endpoint === 'runs' && monitorId === broken ? { kind: 'status', status: 404 } : null,
    );
    await runCommand(['sync', '--full', '--monitor', broken], served);

    const { exitCode, stdout } = await runCommand(['status', '--json'], served);
    expect(exitCode).toBe(0);
    const status: unknown = JSON.parse(stdout);
    expect(status).toMatchObject({
      totals: { monitors: 3, absentMonitors: 0, runs: 12, openRuns: 3, rejectedRuns: 0 },
      cycles: [
        { status: 'partial', monitorsFailed: 1 },
        { status: 'succeeded', runsInserted: 0 },
        { status: 'succeeded', runsInserted: 12 },
      ],
      unfinishedWalks: [],
      errors: [{ monitorId: broken, consecutiveFailures: 1 }],
    });
    expect(status).toHaveProperty('freshness.0.monitorId', broken);
    expect(status).toHaveProperty('freshness.length', 3);

    const forPeople = await runCommand(['status'], served);
    expect(forPeople.stdout).toContain('3 monitors, 12 runs, 3 of them open, 0 rejected');
    expect(forPeople.stdout).toMatch(/\nMonitors that could not be read\n[^]*404/);
    expect(forPeople.stdout).toMatch(/^None of 3 monitors needs attention, as far as they are known: /);
    expect(forPeople.stdout).toContain('1 could not be read lately: no failures there may mean not read.');
    expect(forPeople.stdout).toContain('Unfinished walks: none');
    expect(forPeople.stdout).toContain(first);
    expect(forPeople.stdout).toContain('partial');
  });
});
