import { expect, it, vi } from 'vitest';
import { runCommand } from './command-line.ts';
import { serveAccount, type ServedAccount } from './served-account.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 120_000 });

async function loadWithTriggersOff({ account, database }: ServedAccount): Promise<() => Promise<unknown>> {
  const [monitorId = ''] = account.monitorIds();
  await database.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update monitor_runs set status = 'failed' where monitor_id = ${monitorId}`;
  });
  return () => database.sql`
    select last_run_status, failure_streak from monitor_health where monitor_id = ${monitorId}`;
}

const mended = [{ last_run_status: 'failed', failure_streak: 3 }];

it('doctor notices summaries that are wrong, and rebuild mends them', async () => {
  const served = await serveAccount({ monitors: 2, runsPerMonitor: 3 });
  await runCommand(['sync'], served);
  const health = await loadWithTriggersOff(served);
  const examined = await runCommand(['doctor'], served);
  expect(examined.exitCode).toBe(1);
  expect(examined.stdout).toContain('run exa-monitor-sync rebuild');

  expect(await runCommand(['rebuild'], served)).toEqual({
    exitCode: 0,
    stdout: 'Looked at the summaries of 2 monitors; 1 were wrong and were computed anew.\n',
    stderr: '',
  });
  expect(await health()).toEqual(mended);
  const again = await runCommand(['rebuild', '--json'], served);
  expect(JSON.parse(again.stdout)).toEqual({ monitors: 2, rebuilt: 0 });
});

it('the next sync notices them as well, mends them and says so', async () => {
  const served = await serveAccount({ monitors: 2, runsPerMonitor: 3 });
  await runCommand(['sync'], served);
  const health = await loadWithTriggersOff(served);
  const { exitCode, stderr } = await runCommand(['sync'], served);
  expect(exitCode).toBe(0);
  expect(stderr).toContain('summaries of runs were computed anew');
  expect(await health()).toEqual(mended);
});
