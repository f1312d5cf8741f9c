import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { followCycle } from '../../src/schedule/after-cycle.ts';
import { CycleAlerts } from '../../src/schedule/alerts/cycle-alerts.ts';
import { Pruning } from '../../src/schedule/pruning.ts';
import { RunAlerts } from '../../src/schedule/alerts/run-alerts.ts';
import { createWebhook } from '../../src/schedule/alerts/webhook.ts';
import type { FailureStreak } from '../../src/warehouse/reads/load-failure-streaks.ts';
import { cycleResult } from './cycle-results.ts';
import { createLoggedLines } from './lines.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';

function redact(text: string): string {
  return text.replaceAll('sk-secret', '***');
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}

async function startAlerts({ failedBefore = 0, afterFailedCycles = 3, timeoutMs = 5000 } = {}) {
  const receiver = await startWebhookReceiver();
  const stopped = new AbortController();
  const { signal } = stopped;
  const { fetch } = globalThis;
  const send = createWebhook({ url: receiver.url, fetch, timeoutMs, signal, graceMs: 200, redact });
  const { logger, lines } = createLoggedLines();
  const cycleAlerts = new CycleAlerts({ host: 'box', afterFailedCycles, failedBefore, send });
  const pruning = new Pruning({
    clock: { now: () => 0 },
    logger,
    prune: () => Promise.resolve({ cycles: 0, rejectedRuns: 0 }),
  });
  const parts = { signal, logger, cycleAlerts, runAlerts: null, heartbeat: null, pruning, describe };
  let failedInARow = failedBefore;
  return {
    receiver,
    lines,
    send,
    stopped,
    end: (status: 'succeeded' | 'partial' | 'failed' | 'interrupted') => {
      if (status === 'failed') failedInARow += 1;
      else if (status !== 'interrupted') failedInARow = 0;
      return followCycle(parts, { result: cycleResult(status), error: null, failedInARow });
    },
    notOpened: (message: string) => {
      failedInARow += 1;
      return followCycle(parts, { result: null, error: new Error(message), failedInARow });
    },
  };
}

test('the third failed cycle in a row is told once, and the recovery', async () => {
  const { receiver, end } = await startAlerts();
  for (let cycle = 0; cycle < 5; cycle += 1) await end('failed');
  await end('succeeded');
  await end('succeeded');

  expect(receiver.texts).toEqual([
    'exa-monitor-sync on box: 3 cycles in a row have failed. The last error: the key was refused',
    'exa-monitor-sync on box: works again after 5 failed cycles; the last cycle succeeded.',
  ]);
});

test('fewer failures are told nobody, and interrupted cycles say nothing', async () => {
  const { receiver, end } = await startAlerts();
  for (const status of ['failed', 'failed', 'partial', 'failed', 'interrupted', 'failed'] as const)
    await end(status);

  expect(receiver.texts).toEqual([]);
});

test('a cycle that could not be opened counts, and its error is sent without secrets', async () => {
  const { receiver, notOpened } = await startAlerts({ afterFailedCycles: 1 });
  await notOpened('cannot connect with sk-secret');

  expect(receiver.texts).toEqual([
    'exa-monitor-sync on box: 1 cycle has failed. The last error: cannot connect with ***',
  ]);
});

test('what an earlier process has told is not told again, its recovery is', async () => {
  const { receiver, end } = await startAlerts({ failedBefore: 4 });
  await end('failed');
  expect(receiver.texts).toEqual([]);
  await end('partial');

  expect(receiver.texts).toEqual([
    'exa-monitor-sync on box: works again after 5 failed cycles; the last cycle was partial.',
  ]);
});

test('no number means no alert', async () => {
  const { receiver, end } = await startAlerts({ afterFailedCycles: 0 });
  for (let cycle = 0; cycle < 5; cycle += 1) await end('failed');
  await end('succeeded');

  expect(receiver.texts).toEqual([]);
});

test.each([
  [500, 10_000, 'the alert webhook answered 500'],
  [302, 10_000, 'the alert webhook answered 302'],
  ['hang', 500, 'the alert webhook did not answer within 500 ms'],
] as const)(
  'an alert that is answered with %s is logged and tried again',
  async (answer, timeoutMs, message) => {
    const { receiver, lines, end } = await startAlerts({ afterFailedCycles: 1, timeoutMs });
    receiver.answer = answer;
    await end('failed');
    receiver.answer = 200;
    await end('failed');
    await end('failed');

    expect(lines).toMatchObject([{ level: 'warn', err: { message } }]);
    expect(receiver.texts).toHaveLength(2);
  },
);

test('who is asked to end waits no longer for an alert than the grace', async () => {
  const { receiver, lines, end, stopped } = await startAlerts({ afterFailedCycles: 1, timeoutMs: 600_000 });
  receiver.answer = 'hang';
  const ended = end('failed');
  await vi.waitUntil(() => receiver.texts.length === 1);
  stopped.abort();
  await ended;

  expect(lines).toMatchObject([{ err: { message: 'the alert webhook did not answer within 200 ms' } }]);
  await end('succeeded');
  expect(receiver.texts).toHaveLength(1);
});

test('an alert leaves no listener behind', async () => {
  const { send, stopped } = await startAlerts();
  await send('hello');

  expect(getEventListeners(stopped.signal, 'abort')).toEqual([]);
});

test('a webhook that cannot be reached is named without its address', async () => {
  const url = 'http://127.0.0.1:1/services/secret-path';
  const { signal } = new AbortController();
  const { fetch } = globalThis;
  const send = createWebhook({ url, fetch, timeoutMs: 1000, signal, graceMs: 200, redact });

  await expect(send('hello')).rejects.toThrow(/^the alert webhook could not be reached \([^/]*\)$/);
});

test('what the API says cannot mention people or hide in a link', async () => {
  const { receiver, notOpened } = await startAlerts({ afterFailedCycles: 1 });
  await notOpened('<!channel> <b>R&D</b>');

  expect(receiver.texts[0]).toMatch(/: &lt;!channel&gt; &lt;b&gt;R&amp;D&lt;\/b&gt;$/);
});

test('failing runs are told in one message, the longest streaks by name', async () => {
  const { receiver, send } = await startAlerts();
  const streaks: FailureStreak[] = Array.from({ length: 12 }, (_, index) => ({
    monitorId: `monitor_${index}`,
    firstRunId: `run_${index}`,
    failedRuns: 20 - index,
    reason: index === 0 ? 'quota\nused up' : null,
  }));
  const asked: number[] = [];
  const alerts = new RunAlerts({
    host: 'box',
    afterFailedRuns: 3,
    afterCycle: 5,
    loadNewStreaks: ({ afterCycle }) => {
      asked.push(afterCycle);
      return Promise.resolve(afterCycle < 8 ? streaks : []);
    },
    send,
  });
  receiver.answer = 500;
  await expect(alerts.look(7, true)).rejects.toThrow('answered 500');
  receiver.answer = 200;
  await alerts.look(8, true);
  await alerts.look(9, false);
  await alerts.look(11, false);

  // Asked again after the alert that did not arrive; not asked after an idle cycle; asked after cycles of others.
  expect(asked).toEqual([5, 5, 9]);
  expect(receiver.texts).toHaveLength(2);
  const lines = receiver.texts[1]?.split('\n') ?? [];
  expect(lines[0]).toBe('exa-monitor-sync on box: the runs of 12 monitors keep failing');
  expect(lines[1]).toBe('• monitor_0, 20 in a row: quota used up');
  expect(lines.at(-1)).toBe('• and 2 more');
});
