import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
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
