import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { followCycle } from '../../src/schedule/after-cycle.ts';
import { describeFailedRuns } from '../../src/schedule/alerts/alert-texts.ts';
import { CycleAlerts } from '../../src/schedule/alerts/cycle-alerts.ts';
import { Pruning } from '../../src/schedule/pruning.ts';
import { RunAlerts } from '../../src/schedule/alerts/run-alerts.ts';
import { createWebhook } from '../../src/schedule/alerts/webhook.ts';
import type { Incident } from '../../src/warehouse/cycle/incidents.ts';
import type { FailureStreak } from '../../src/warehouse/reads/load-failure-streaks.ts';
import type { CycleStatus } from '../../src/sync/ports.ts';
import { cycleResult } from './cycle-results.ts';
import { createLoggedLines } from './lines.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';

function redact(text: string): string {
  return text.replaceAll('sk-secret', '***');
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 2, 10, 12);

const afterOne = { failed: 1, partial: 1, stale: 0, account: 1 };

class ForeignKeyError extends Error {}

async function startAlerts({
  stored = [] as readonly Incident[],
  after = { failed: 3, partial: 3, stale: 0, account: 1 },
  timeoutMs = 5000,
} = {}) {
  const receiver = await startWebhookReceiver();
  const stopped = new AbortController();
  const { signal } = stopped;
  const { fetch } = globalThis;
  const send = createWebhook({ url: receiver.url, fetch, timeoutMs, signal, graceMs: 200, redact });
  const { logger, lines } = createLoggedLines();
  const world = { nowMs: startMs, readAt: null as string | null, reachable: true, stored, saved: 0 };
  const reach = async <T>(work: () => T): Promise<T> => {
    if (!world.reachable) throw new Error('the warehouse is away');
    return work();
  };
  const cycleAlerts = new CycleAlerts({
    host: 'box',
    clock: { now: () => world.nowMs },
    after,
    staleAfterMs: 60 * minuteMs,
    loadReadAt: () => reach(() => world.readAt),
    load: () => reach(() => world.stored),
    save: (incidents) =>
      reach(() => {
        world.stored = incidents;
        world.saved += 1;
      }),
    isChangedAccount: (error) => error instanceof ForeignKeyError,
    describe,
    send,
  });
  const pruning = new Pruning({
    clock: { now: () => 0 },
    logger,
    prune: () => Promise.resolve({ cycles: 0, rejectedRuns: 0 }),
  });
  const parts = { signal, logger, cycleAlerts, runAlerts: null, heartbeat: null, pruning };
  return {
    receiver,
    lines,
    send,
    stopped,
    world,
    end: (status: CycleStatus, options: { readonly isWhole?: boolean } = {}) =>
      followCycle(parts, { result: cycleResult(status), error: null }, options),
    notOpened: (error: Error) => followCycle(parts, { result: null, error }),
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

test('what others have written calls nobody, hides no link, swallows nothing and stays on its line', async () => {
  const { receiver, notOpened, send } = await startAlerts({
    after: { failed: 1, partial: 0, stale: 0, account: 0 },
  });
  await notOpened(
    new Error('a\u001b[2Jb\u202e\n@channel @everyone [docs](https://evil.example) ```c ~~d ||e <!here>'),
  );
  await send(
    describeFailedRuns('box', [
      { monitorId: 'm\n• n', source: 'eu/search', failedRuns: 3, reason: 'r\r\ns', firstRunId: 'x' },
    ]),
  );

  expect(receiver.texts).toEqual([
    'exa-monitor-sync on box: 1 cycle has failed. The last error: a [2Jb @\u2060channel @\u2060everyone [docs]\u2060(https://evil.example) `\u2060`\u2060`c ~\u2060~d |\u2060|e &lt;!here&gt;',
    'exa-monitor-sync on box: the runs of a monitor keep failing\n• m • n (eu/search), 3 in a row: r s',
  ]);
});

test('a cycle that could not be opened counts, and its error is sent without secrets', async () => {
  const { receiver, notOpened } = await startAlerts({ after: afterOne });
  await notOpened(new Error('cannot connect with sk-secret'));

  expect(receiver.texts).toEqual([
    'exa-monitor-sync on box: 1 cycle has failed. The last error: cannot connect with ***',
  ]);
});

test('what an earlier process has told is not told again, its recovery is', async () => {
  const told = { kind: 'failed', since: '2026-03-10T11:00:00.000Z', cycles: 4, told: true } as const;
  const { receiver, world, end } = await startAlerts({ stored: [told] });
  await end('failed');
  expect(receiver.texts).toEqual([]);
  expect(world.stored).toEqual([{ ...told, cycles: 5 }]);
  await end('partial');

  expect(receiver.texts).toEqual([
    'exa-monitor-sync on box: works again after 5 failed cycles; the last cycle was partial.',
  ]);
});

test('cycles that stay partial are told once, and when everything is read again, whatever failed in between', async () => {
  const { receiver, world, end } = await startAlerts();
  for (const status of ['partial', 'failed', 'partial', 'interrupted', 'partial', 'partial'] as const)
    await end(status);
  expect(receiver.texts).toEqual([
    'exa-monitor-sync on box: 3 cycles were partial and none succeeded: something could not be read or stored. The last reason: see rejected_runs and sync_checkpoints',
  ]);
  await end('succeeded');
  await end('succeeded');

  expect(receiver.texts.slice(1)).toEqual([
    'exa-monitor-sync on box: everything is read and stored again after 4 partial cycles.',
  ]);
  expect(world.stored).toEqual([]);
});

test('a cycle over some monitors says nothing about the others', async () => {
  const { receiver, end } = await startAlerts();
  for (let cycle = 0; cycle < 3; cycle += 1) await end('partial');
  await end('succeeded', { isWhole: false });
  for (let cycle = 0; cycle < 5; cycle += 1) await end('partial', { isWhole: false });
  expect(receiver.texts).toHaveLength(1);
  await end('succeeded');

  expect(receiver.texts.at(-1)).toMatch(/again after 3 partial cycles/);
});

test('data that grow stale are told once, and when they are current again', async () => {
  const { receiver, world, end } = await startAlerts({
    after: { failed: 0, partial: 0, stale: 1, account: 1 },
  });
  world.readAt = new Date(startMs).toISOString();
  for (const minutes of [59, 60, 61, 90]) {
    world.nowMs = startMs + minutes * minuteMs;
    await end('failed');
  }
  expect(receiver.texts).toEqual([
    'exa-monitor-sync on box: the data are stale: all monitors were last read at 2026-03-10T12:00:00.000Z',
  ]);
  world.readAt = new Date(world.nowMs).toISOString();
  await end('succeeded');
  await end('succeeded');

  expect(receiver.texts.slice(1)).toEqual([
    'exa-monitor-sync on box: the data are current again: all monitors were read at 2026-03-10T13:30:00.000Z',
  ]);
});

test('the key of another team is told at once, and when it is the right one again; it is no failed cycle', async () => {
  const { receiver, notOpened, end } = await startAlerts({ after: { ...afterOne, failed: 2 } });
  for (let cycle = 0; cycle < 3; cycle += 1)
    await notOpened(new ForeignKeyError('EXA_API_KEY: of another team'));
  await end('succeeded');

  expect(receiver.texts).toEqual([
    'exa-monitor-sync on box: no cycle can begin: EXA_API_KEY: of another team',
    'exa-monitor-sync on box: the key belongs to the team of its account again.',
  ]);
});

test('while the warehouse is away this process remembers, and writes it down when it is back', async () => {
  const { receiver, world, notOpened, end } = await startAlerts();
  world.reachable = false;
  for (let cycle = 0; cycle < 4; cycle += 1) await notOpened(new Error('the warehouse is away'));
  expect(receiver.texts).toHaveLength(1);
  world.reachable = true;
  await end('failed');
  expect(world.stored).toMatchObject([{ kind: 'failed', cycles: 5, told: true }]);
  await end('succeeded');

  expect(receiver.texts.slice(1)).toEqual([
    'exa-monitor-sync on box: works again after 5 failed cycles; the last cycle succeeded.',
  ]);
});

test('cycles in which nothing is wrong write nothing', async () => {
  const { world, end } = await startAlerts();
  for (let cycle = 0; cycle < 3; cycle += 1) await end('succeeded');

  expect(world.saved).toBe(0);
});

test('no number means no alert', async () => {
  const { receiver, end } = await startAlerts({ after: { failed: 0, partial: 0, stale: 0, account: 0 } });
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
    const { receiver, lines, end } = await startAlerts({ after: afterOne, timeoutMs });
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
  const { receiver, lines, end, stopped } = await startAlerts({ after: afterOne, timeoutMs: 600_000 });
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
  const { receiver, notOpened } = await startAlerts({ after: afterOne });
  await notOpened(new Error('<!channel> <b>R&D</b>'));

  expect(receiver.texts[0]).toMatch(/: &lt;!channel&gt; &lt;b&gt;R&amp;D&lt;\/b&gt;$/);
});

test('failing runs are told in one message, the longest streaks by name', async () => {
  const { receiver, send } = await startAlerts();
  const streaks: FailureStreak[] = Array.from({ length: 12 }, (_, index) => ({
    monitorId: `monitor_${index}`,
    source: 'default/websets',
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
  expect(lines[1]).toBe('• monitor_0 (default/websets), 20 in a row: quota used up');
  expect(lines.at(-1)).toBe('• and 2 more');
});
