import { expect, test } from 'vitest';
import { runCommand } from '../cli/command-line.ts';
import { serveAccount } from '../cli/served-account.ts';

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
  expect(forPeople.stdout).toContain('3 of them open (1 stuck)');
  expect(forPeople.stdout).toMatch(new RegExp(`${runId} .*created, stuck .*3 days ago`));
});
