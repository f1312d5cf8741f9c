import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTestDatabase } from '../postgres/database.ts';
import { runCommand } from './command-line.ts';
import { serveAccount } from './served-account.ts';
import { linesOnScreen, runOnTerminal } from './terminal.ts';

const statusSchema = z.object({
  cycles: z.array(z.object({ startedAt: z.string() })),
  freshness: z.array(z.object({ coveredThrough: z.string(), lastWalkAt: z.string() })),
});

test('status tells the open runs, and which of them are stuck', async () => {
  const served = await serveAccount({ monitors: 2, runsPerMonitor: 3, openRunsPerMonitor: 1 });
  const [monitorId] = served.account.monitorIds();
  if (monitorId === undefined) throw new Error('no monitor');
  const runId = served.account.addRun(monitorId, { createdAtMs: Date.now() - 3 * 86_400_000 });
  await runCommand(['sync'], served);

  const asJson = await runCommand(['status', '--json'], served);
  const status: unknown = JSON.parse(asJson.stdout);
  expect(status).toMatchObject({ totals: { openRuns: 3, stuckRuns: 1 } });
  expect(status).toHaveProperty('openRuns.length', 3);
  expect(status).toHaveProperty('openRuns.0', {
    monitorId,
    runId,
    status: 'created',
    createdAt: expect.stringMatching(/Z$/),
    stuck: true,
  });
  const forPeople = await runCommand(['status'], served);
  expect(forPeople.stdout).toMatch(
    new RegExp(`\\n\\nWarehouse: 127\\.0\\.0\\.1:\\d+/${served.database.name}\\n`),
  );
  expect(forPeople.stdout).toContain('3 of them open (1 stuck)');
  expect(forPeople.stdout).toMatch(new RegExp(`${runId} .*created, stuck .*3 days ago`));
});

test('a monitor that the last cycle had reason to skip is covered up to that cycle', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 2 });
  await runCommand(['sync'], served);
  await runCommand(['sync'], served);
  const { stdout } = await runCommand(['status', '--json'], served);
  const { cycles, freshness } = statusSchema.parse(JSON.parse(stdout));

  expect(cycles).toHaveLength(2);
  expect(freshness).toEqual([
    expect.objectContaining({
      coveredThrough: cycles[0]?.startedAt,
      lastWalkAt: expect.stringMatching(/Z$/),
    }),
  ]);
  expect(Date.parse(freshness[0]?.lastWalkAt ?? '')).toBeLessThan(Date.parse(cycles[0]?.startedAt ?? ''));
});

test('status says first which monitors need attention and why, the rate now and before, and what was not read', async () => {
  const { url, sql } = await createTestDatabase();
  const environment = { DATABASE_URL: url };
  const nothing = await runCommand(['status'], { environment });
  expect(nothing.stdout).toMatch(/^No monitor is known yet: nothing can be said of failures\.\n/);
  await sql`insert into monitors (id, name, status, behavior, metadata, created_at, updated_at)
    select id, name, 'enabled', '{}', '{}', now() - interval '90 days', now()
    from (values ('bad', 'Every run fails'), ('good', 'Fine')) listed (id, name)`;
  // Every run of one fails: six of these seven days and two before; of the other each succeeds.
  await sql`insert into monitor_runs (id, monitor_id, status, created_at, updated_at, completed_at, failed_at, failed_reason, answer)
    select monitor || age, monitor, status, at, at, case when monitor = 'good' then at end,
      case when monitor = 'bad' then at end, case when monitor = 'bad' then 'no' end, 1
    from (values ('bad', 'failed'), ('good', 'completed')) kinds (monitor, status)
    cross join (values (1), (2), (3), (4), (5), (6), (8), (9)) ages (age)
    cross join lateral (select utc_day(now())::timestamp at time zone 'UTC' - age * interval '24 hours' as at) created`;
  await sql`update monitor_runs set status = 'completed', completed_at = failed_at, failed_at = null where id = 'bad9'`;
  const unread = await runCommand(['status'], { environment });
  expect(unread.stdout).toContain('2 could not be read lately: no failures there may mean not read.');
  await sql`insert into sync_checkpoints (monitor_id, last_walk_at, last_full_walk_at, synced_through)
    select id, now(), now(), now() from monitors`;
  await sql`insert into sync_cycles (started_at, finished_at, status, trigger, host, pid, monitors_seen, asks_for_all)
    values (now(), now(), 'succeeded', 'manual', 'box', 1, 2, true)`;

  const { stdout } = await runCommand(['status'], { environment });
  const lines = stdout.split('\n');
  expect(lines[0]).toBe('1 of 2 monitors need attention: 1 failing (1 healthy):');
  expect(lines[3]).toMatch(
    /^failing {2}Every run fails {2}streak:7, rate:0\.88 of 8, no_success_for:9d {2}\d days ago {2}bad$/,
  );
  expect(lines[4]).toBe(
    'Failure rate of the last 7 days: 50.0 % of 12 runs; of the 7 days before: 25.0 % of 4 runs.',
  );
  expect(lines[5]).toMatch(/^All runs are known up to: \d+ s ago\.$/);

  const narrow = await runOnTerminal(['status'], environment, { columns: 60 });
  const tooLong = linesOnScreen(narrow.written).filter((line) => line.length > 60 && !line.includes('INFO'));
  expect(tooLong).toEqual([]);
  expect(narrow.written).toContain('failing  Every run fails');
  await sql`delete from monitor_runs where monitor_id = 'bad'`;
  await sql`update monitors set status = 'disabled' where id = 'bad'`;
  const calm = await runCommand(['status'], { environment });
  expect(calm.stdout).toMatch(/^None of 2 monitors needs attention: 1 healthy, 1 disabled\.\n/);
  await sql`update sync_checkpoints set synced_through = now() - interval '2 days' where monitor_id = 'bad'`;
  await sql`update sync_cycles set started_at = now() - interval '2 days'`;
  const stale = await runCommand(['status'], { environment });
  expect(stale.stdout).toMatch(/^None of 2 monitors needs attention, as far as they are known: /);
});
