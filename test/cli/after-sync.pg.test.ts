import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createSimulatedAccount } from '../../src/simulator/account/account.ts';
import { startSimulator } from '../../src/simulator/http/server.ts';
import { systemClock } from '../../src/simulator/state/clock.ts';
import { startWebhookReceiver } from '../schedule/webhook-receiver.ts';
import { runCommand } from './command-line.ts';
import { serveAccount } from './served-account.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 60_000 });

async function startWatcher() {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    response.end('OK');
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { calls, url: `http://127.0.0.1:${address.port}/ping/4711` };
}

test('syncs that cron starts alert as a service does, once and when it works again, and call the heartbeat', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  const receiver = await startWebhookReceiver();
  const watcher = await startWatcher();
  const environment = {
    ...served.environment,
    ALERT_WEBHOOK_URL: receiver.url,
    ALERT_AFTER_FAILED_CYCLES: '2',
    HEARTBEAT_URL: watcher.url,
  };
  const broken = { ...environment, EXA_API_KEY: 'wrong-key' };
  const exitCodes: (number | null)[] = [];
  for (const given of [broken, broken, broken, environment, environment]) {
    const { exitCode, stderr } = await runCommand(['sync'], { environment: given });
    exitCodes.push(exitCode);
    expect(stderr).not.toContain('4711');
  }

  expect(exitCodes).toEqual([1, 1, 1, 0, 0]);
  expect(receiver.texts).toEqual([
    expect.stringMatching(/: 2 cycles in a row have failed\. The last error: .*401/),
    expect.stringMatching(/: works again after 3 failed cycles; the last cycle succeeded\.$/),
  ]);
  expect(watcher.calls).toEqual(['GET /ping/4711', 'GET /ping/4711']);
});

test('syncs that cron starts tell once that a monitor stays unreadable, and when it is read again', async () => {
  const served = await serveAccount({ monitors: 2, runsPerMonitor: 1 });
  const receiver = await startWebhookReceiver();
  const environment = {
    ...served.environment,
    ALERT_WEBHOOK_URL: receiver.url,
    ALERT_AFTER_PARTIAL_CYCLES: '2',
  };
  let isBroken = true;
  const [broken] = served.account.monitors();
  served.simulator.setFaults(({ endpoint, monitorId }) =>
    isBroken && endpoint === 'runs' && monitorId === broken?.id ? { kind: 'status', status: 404 } : null,
  );
  const exitCodes: (number | null)[] = [];
  const sync = async (...flags: readonly string[]): Promise<void> => {
    exitCodes.push((await runCommand(['sync', ...flags], { environment })).exitCode);
  };
  for (let cycle = 0; cycle < 3; cycle += 1) await sync();
  isBroken = false;
  await sync();
  await sync();

  expect(exitCodes).toEqual([3, 3, 3, 0, 0]);
  expect(receiver.texts).toEqual([
    expect.stringMatching(/: 2 cycles were partial and none succeeded: .* The last reason: \S/),
    expect.stringMatching(/: everything is read and stored again after 3 partial cycles\.$/),
  ]);
});

test('the key of another team is told once although no cycle begins with it, and when it is the right one again', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  const receiver = await startWebhookReceiver();
  const environment = { ...served.environment, ALERT_WEBHOOK_URL: receiver.url };
  const otherKey = 'key-of-another-team';
  const others = createSimulatedAccount({ clock: systemClock });
  others.team = { id: 'team_2', name: 'Other team' };
  const other = await startSimulator({ account: others, apiKey: otherKey });
  onTestFinished(() => other.close());
  const changed = { ...environment, EXA_API_KEY: otherKey, EXA_BASE_URL: other.url };
  const exitCodes: (number | null)[] = [];
  for (const given of [environment, changed, changed, environment, environment])
    exitCodes.push((await runCommand(['sync'], { environment: given })).exitCode);

  expect(exitCodes).toEqual([0, 2, 2, 0, 0]);
  expect(receiver.texts).toEqual([
    expect.stringMatching(/: no cycle can begin: EXA_API_KEY: belongs to the team "Other team" \(team_2\)/),
    expect.stringMatching(/: the key belongs to the team of its account again\.$/),
  ]);
});
