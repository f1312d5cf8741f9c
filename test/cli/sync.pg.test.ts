import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { linesOf, runCommand } from './command-line.ts';
import { apiKey, countRuns, lastCycle, parseSummary, serveAccount } from './served-account.ts';
import type { ServedAccount } from './served-account.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 60_000 });

const logLine = z.looseObject({ level: z.string(), time: z.string(), msg: z.string() });

function expectNoSecret(served: ServedAccount, text: string): void {
  // A password such as "postgres" would be found in many a harmless word.
  const passwords = [new URL(served.database.url).password].filter((password) => password.length > 8);
  for (const secret of [apiKey, encodeURIComponent(apiKey), ...passwords]) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/\n\s+at /);
}

describe('sync', () => {
  it('fills an empty database, then asks once when nothing is new, then reads one page for each new run', async () => {
    const served = await serveAccount({ monitors: 20, runsPerMonitor: 500 });
    const { environment, account, simulator } = served;

    const first = await runCommand(['sync', '--json'], { environment });
    expect(first.exitCode).toBe(0);
    expect(parseSummary(first.stdout)).toMatchObject({
      status: 'succeeded',
      monitors: { seen: 20, skipped: 0, walked: 20, failed: 0 },
      runs: { inserted: 10_000, updated: 0, unchanged: 0, rejected: 0 },
      retries: 0,
    });
    expect(simulator.requests.total).toBeLessThanOrEqual(62);
    // The team of the key is asked for once, after the first cycle.
    expect(parseSummary(first.stdout).requests).toBe(simulator.requests.total - 1);
    expect(await countRuns(served)).toBe(10_000);

    simulator.requests.reset();
    const second = await runCommand(['sync', '--json'], { environment });
    expect(second.exitCode).toBe(0);
    expect(parseSummary(second.stdout)).toMatchObject({
      monitors: { seen: 20, skipped: 20, walked: 0, failed: 0 },
      runs: { inserted: 0, updated: 0, unchanged: 0, rejected: 0 },
      requests: 1,
    });
    expect(simulator.requests.total).toBe(1);

    for (const monitorId of account.monitorIds()) account.addRun(monitorId, { outcome: 'completed' });
    const third = await runCommand(['sync', '--json'], { environment });
    expect(parseSummary(third.stdout)).toMatchObject({ runs: { inserted: 20 }, requests: 21 });
    expect(await countRuns(served)).toBe(10_020);
    for (const { stdout, stderr } of [first, second, third]) expectNoSecret(served, stdout + stderr);
  });

  it('logs JSON lines with the counts at start and end, and shows a summary to a person', async () => {
    const { environment, database } = await serveAccount({ monitors: 2, runsPerMonitor: 3 });
    const { stdout, stderr } = await runCommand(['sync'], { environment });
    const lines = linesOf(stderr).map((line) => logLine.parse(JSON.parse(line)));
    expect(lines.map(({ msg }) => msg)).toEqual([
      'warehouse opened',
      'warehouse migrated',
      'cycle started',
      'cycle succeeded',
    ]);
    expect(lines[0]?.warehouse).toMatch(new RegExp(String.raw`^127\.0\.0\.1:\d+/${database.name}$`));
    expect(lines[3]).toMatchObject({ level: 'info', runs: { inserted: 6 }, monitors: { walked: 2 } });
    expect(linesOf(stdout)[0]).toMatch(/^Sync succeeded after \d/);
    expect(stdout).toContain('6 inserted, 0 updated, 0 unchanged, 0 rejected');
  });

  it('asks a single time with a key that the API refuses, says so and ends with exit code 1', async () => {
    const served = await serveAccount({ monitors: 2, runsPerMonitor: 3 });
    const environment = { ...served.environment, EXA_API_KEY: 'another/key' };
    const { exitCode, stdout, stderr } = await runCommand(['sync', '--json'], { environment });
    expect(exitCode).toBe(1);
    expect(served.simulator.requests.total).toBe(1);
    const summary = parseSummary(stdout);
    expect(summary).toMatchObject({ status: 'failed', requests: 1 });
    expect(summary.error).toContain('EXA_API_KEY');
    expect(stderr).toContain('EXA_API_KEY');
    expect(stdout + stderr).not.toContain('another/key');
    expectNoSecret(served, stdout + stderr);
  });

  it('ends with exit code 3 and the reason when a monitor cannot be read, the others being stored', async () => {
    const served = await serveAccount({ monitors: 3, runsPerMonitor: 4 });
    const [broken] = served.account.monitorIds();
    served.simulator.setFaults(({ endpoint, monitorId }) =>
      endpoint === 'runs' && monitorId === broken ? { kind: 'status', status: 404 } : null,
    );
    const { exitCode, stdout, stderr } = await runCommand(['sync', '--json'], {
      environment: served.environment,
    });
    expect(exitCode).toBe(3);
    expect(parseSummary(stdout)).toMatchObject({
      status: 'partial',
      monitors: { walked: 2, failed: 1 },
      error: '1 of 3 monitors failed',
    });
    expect(await countRuns(served)).toBe(8);
    const failed = linesOf(stderr).filter((line) => line.includes('monitor failed'));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toContain(broken);
    expect(failed[0]).toMatch(/req_/);
  });

  it('reads only the monitors that were named', async () => {
    const served = await serveAccount({ monitors: 4, runsPerMonitor: 5 });
    const [one = '', , other = ''] = served.account.monitorIds();
    const { exitCode, stdout } = await runCommand(
      ['sync', '--json', '--monitor', one, '--monitor', other],
      served,
    );
    expect(exitCode).toBe(0);
    expect(parseSummary(stdout)).toMatchObject({ monitors: { seen: 2, walked: 2 }, runs: { inserted: 10 } });
  });

  it('keeps its tables in the schema that DATABASE_SCHEMA names', async () => {
    const served = await serveAccount({ monitors: 1, runsPerMonitor: 2 });
    const { exitCode } = await runCommand(['sync', '--database-schema', 'Exa "runs"'], served);
    expect(exitCode).toBe(0);
    const rows = await served.database.sql`select id from "Exa ""runs""".monitor_runs`;
    expect(rows).toHaveLength(2);
  });

  it('says of a warehouse without its database what is wrong, in one line', async () => {
    const served = await serveAccount({ monitors: 1, runsPerMonitor: 2 });
    const url = new URL(served.database.url);
    url.pathname = '/not_there';
    const environment = { ...served.environment, DATABASE_URL: url.href };
    const { exitCode, stderr } = await runCommand(['sync'], { environment });
    expect(exitCode).toBe(1);
    expect(stderr).toBe(`DATABASE_URL: ${url.host} has no database "not_there"\n`);
  });
});

describe('sync --dry-run', () => {
  it('says what would be walked, why and at what cost, and makes no tables', async () => {
    const served = await serveAccount({ monitors: 3, runsPerMonitor: 500 });
    const { exitCode, stdout } = await runCommand(
      ['sync', '--dry-run', '--json', '--exa-requests-per-second', '5'],
      served,
    );
    expect(exitCode).toBe(0);
    const [monitorId] = served.account.monitorIds();
    const plan: unknown = JSON.parse(stdout);
    expect(plan).toMatchObject({
      unlistedMonitors: [],
      openRuns: 0,
      estimatedRequests: 10,
      estimatedSeconds: 2,
    });
    expect(plan).toHaveProperty(
      'monitors',
      expect.arrayContaining([{ monitorId, decision: 'full', reason: 'never_walked', estimatedRequests: 3 }]),
    );
    expect(served.simulator.requests.total).toBe(1);
    expect(await served.database.sql`select from pg_tables where schemaname = 'public'`).toHaveLength(0);
  });

  it('applies no migrations', async () => {
    const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
    await runCommand(['migrate'], served);
    await served.database
      .sql`delete from schema_migrations where id = (select max(id) from schema_migrations)`;
    const { exitCode, stderr } = await runCommand(['sync', '--dry-run'], served);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('older than this version: run exa-monitor-sync migrate');
  });

  it('tells a person how long it would take at the configured rate', async () => {
    const served = await serveAccount({ monitors: 2, runsPerMonitor: 300 });
    await runCommand(['sync'], served);
    const [monitorId = ''] = served.account.monitorIds();
    served.account.addRun(monitorId, { outcome: 'completed' });
    const { stdout } = await runCommand(['sync', '--dry-run', '--exa-requests-per-second', '0.5'], served);
    expect(stdout).toContain('newest run changed');
    expect(stdout).toContain('Monitors to walk: 1, to skip: 1; open runs to ask for: 0.');
    expect(stdout).toContain('About 2 requests, which take 4 s at 0.5 requests a second.');
    expect((await lastCycle(served)).status).toBe('succeeded');
  });
});
