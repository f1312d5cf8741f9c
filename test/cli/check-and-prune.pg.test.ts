import { expect, test, vi } from 'vitest';
import { runCommand } from './command-line.ts';
import { serveAccount } from './served-account.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 60_000 });

test('check is one line and an exit code: of a warehouse without a cycle, after one, and long after', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  await runCommand(['migrate'], served);
  const before = await runCommand(['check'], served);
  expect(before).toMatchObject({ exitCode: 1, stdout: 'STALE: no cycle has succeeded yet\n', stderr: '' });
  await runCommand(['sync'], served);
  const after = await runCommand(['check'], served);
  expect(after).toMatchObject({ exitCode: 0, stdout: 'OK: the last success was 0 min ago\n', stderr: '' });
  await served.database.sql`
    update sync_cycles set started_at = started_at - interval '3 hours', finished_at = finished_at - interval '3 hours'`;
  const late = await runCommand(['check', '--ready-max-age-minutes', '120', '--json'], served);
  expect(late.exitCode).toBe(1);
  expect(JSON.parse(late.stdout)).toMatchObject({
    ready: false,
    reason: 'the last success was 180 min ago, more than the tolerated 120 min',
  });
});

test('prune deletes records beyond the retention, and a retention of 0 keeps all', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  for (let cycle = 0; cycle < 3; cycle += 1) await runCommand(['sync'], served);
  await served.database.sql`
    update sync_cycles set started_at = started_at - interval '100 days' where id < (select max(id) from sync_cycles)`;
  const kept = await runCommand(['prune', '--sync-retention-days', '0', '--json'], served);
  expect(JSON.parse(kept.stdout)).toEqual({ cycles: 0, rejectedRuns: 0 });
  const { stdout } = await runCommand(['prune'], served);
  expect(stdout).toBe('Deleted records of 2 cycles and 0 rejected runs.\n');
});
