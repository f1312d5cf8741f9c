import { expect, test, vi } from 'vitest';
import { linesOf, runCommand } from './command-line.ts';
import { countRuns, serveAccount } from './served-account.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 60_000 });

test('forget says what it would delete, deletes it when told to, and names what is not there', async () => {
  const served = await serveAccount({ monitors: 2, runsPerMonitor: 3 });
  await runCommand(['sync'], served);
  const id = served.account.monitors()[0]?.id ?? '';
  const shown = await runCommand(['forget', '--monitor', id], served);
  expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
  expect(linesOf(shown.stdout)[0]).toMatch(
    new RegExp(`^Would be deleted for good from .*: 1 monitor: ${id}$`),
  );
  expect(shown.stdout).toContain('  monitor_runs  3\n');
  expect(shown.stdout).toContain('Exa had 1 of them when it was last asked: what it still lists comes back');
  expect(linesOf(shown.stdout).at(-1)).toBe('Nothing was deleted: repeat with --yes to delete it.');
  expect(await countRuns(served)).toBe(6);

  const deleted = await runCommand(['forget', '--monitor', id, '--yes', '--json'], served);
  expect(JSON.parse(deleted.stdout)).toMatchObject({
    deleted: true,
    monitorIds: [id],
    stillListed: 1,
    rows: { monitor_runs: 3, monitors: 1 },
  });
  expect(await countRuns(served)).toBe(3);
  const again = await runCommand(['forget', '--monitor', id, '--yes'], served);
  expect(again.exitCode).toBe(1);
  expect(linesOf(again.stderr)).toEqual([
    expect.stringMatching(`^--monitor: nothing is stored of ${id} in `),
  ]);
});

test('forget wants exactly one thing, and no cycle beside it', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  await runCommand(['migrate'], served);
  for (const flags of [[], ['--account', 'eu', '--monitor', 'm'], ['--absent-before', 'yesterday']]) {
    const { exitCode, stderr } = await runCommand(['forget', ...flags, '--yes'], served);
    expect({ exitCode, lines: linesOf(stderr).length }).toEqual({ exitCode: 2, lines: 1 });
  }
  const held = served.database.sql.begin(async (tx) => {
    await tx`lock table sync_lock in share row exclusive mode`;
    return runCommand(['forget', '--account', 'default', '--yes'], served);
  });
  expect((await held).exitCode).toBe(75);
});
