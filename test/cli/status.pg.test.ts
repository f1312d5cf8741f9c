import { expect, test } from 'vitest';
import { z } from 'zod';
import { runCommand } from './command-line.ts';
import { serveAccount } from './served-account.ts';

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
  expect(forPeople.stdout).toMatch(new RegExp(`^Warehouse: 127\\.0\\.0\\.1:\\d+/${served.database.name}\\n`));
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
