import { describe, expect, it } from 'vitest';
import { runCommand, startCommand, type Started } from './command-line.ts';
import { countRuns, lastCycle, parseSummary, serveAccount, type ServedAccount } from './served-account.ts';

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
