import { expect, test } from 'vitest';
import { LockHeldError } from '../../src/sync/errors.ts';
import { cycleResult } from './cycle-results.ts';
import { runService } from './service-under-test.ts';

const at = (hour: number, minute: number): number => Date.UTC(2026, 2, 10, hour, minute);
const calm = { failedInARow: 0, lastFailedMs: null };

test('a cycle runs at each firing', async () => {
  const service = runService();
  await service.fireNext();
  await service.fireNext();

  expect(service.started).toEqual(['12:15:00', '12:30:00']);
});

test('a start after a missed firing catches up at once', async () => {
  const service = runService({ history: { lastCompleteMs: at(11, 45), ...calm } });
  await service.time.advance(1000);

  expect(service.started).toEqual(['12:01:00']);
});

test('a first start does not wait for the schedule', async () => {
  const service = runService({ history: { lastCompleteMs: null, ...calm } });
  await service.time.advance(1000);

  expect(service.started).toEqual(['12:01:00']);
});

test('a start between two firings waits for the next', async () => {
  const service = runService();
  await service.time.advance(60_000);

  expect(service.started).toEqual([]);
});

test('cycles do not overlap: a firing during a cycle is skipped and said once', async () => {
  const cycle = createDeferred();
  const service = runService({
    runCycle: () => cycle.promise.then(() => cycleResult('succeeded')),
  });
  const first = service.fire();
  await service.fire();
  cycle.resolve();
  await first;
  await service.fire();

  expect(service.started).toHaveLength(2);
  expect(service.skipped).toEqual(['running']);
  expect(service.log.filter(({ msg }) => msg.includes('still running'))).toHaveLength(1);
});

test("cycles start late by the installation's share of the jitter, always the same", async () => {
  const service = runService({ jitterShare: 0.5 });
  await service.fireNext();
  await service.fireNext();

  expect(service.started).toEqual(['12:15:15', '12:30:15']);
});

test('a firing during the wait for the jitter is a firing during a cycle', async () => {
  const service = runService({ jitterShare: 0.5 });
  const first = service.fire();
  await service.fire();
  await service.time.until(first);

  expect(service.skipped).toEqual(['running']);
});

test('a failing cycle does not end the service', async () => {
  const service = runService({ runCycle: () => Promise.reject(new Error('no database')) });
  await service.fireNext();
  await service.fireNext();

  expect(service.started).toHaveLength(2);
  expect(service.ended.map(({ error }) => error?.message)).toEqual(['no database', 'no database']);
  expect(service.log.filter(({ level }) => level === 'error')).toHaveLength(2);
});

test('failures in a row count on from those of earlier processes, and an interrupted cycle says nothing', async () => {
  const results = ['failed', 'interrupted', 'failed', 'partial'] as const;
  const service = runService({
    history: { lastCompleteMs: at(12, 0), failedInARow: 2, lastFailedMs: at(11, 0) },
    runCycle: () => Promise.resolve(cycleResult(results[service.ended.length] ?? 'failed')),
  });
  while (service.ended.length < results.length) await service.fireNext();

  expect(service.ended.map(({ failedInARow }) => failedInARow)).toEqual([3, 3, 4, 0]);
});

test('what follows a cycle may fail', async () => {
  const service = runService({ afterCycle: () => Promise.reject(new Error('no webhook')) });
  await service.fireNext();
  await service.fireNext();

  expect(service.started).toHaveLength(2);
});

test('failing cycles of a schedule of seconds become rare', async () => {
  const everySecond = { nextAfter: (ms: number) => ms + 1000, lastUpTo: () => [] };
  const service = runService({
    occurrences: everySecond,
    runCycle: () => Promise.resolve(cycleResult('failed')),
  });
  for (let second = 0; second < 3600; second += 1) {
    await service.fire();
    await service.time.advance(1000);
  }

  expect(service.started).toEqual(['12:01:00', '12:02:00', '12:04:00', '12:08:00', '12:16:00', '12:32:00']);
  expect(service.skipped.filter((reason) => reason === 'backoff')).toHaveLength(3600 - 6);
});

test('the first success ends the back-off', async () => {
  let failing = true;
  const service = runService({
    runCycle: () => Promise.resolve(cycleResult(failing ? 'failed' : 'partial')),
  });
  for (let firing = 0; firing < 5; firing += 1) await service.fireNext();
  failing = false;
  for (let firing = 0; firing < 4; firing += 1) await service.fireNext();

  // The fifth failure, at 13:15, holds back for 16 minutes.
  expect(service.started.slice(4)).toEqual(['13:15:00', '13:45:00', '14:00:00', '14:15:00']);
});

test('a restart is no way around the back-off', async () => {
  const service = runService({
    history: { lastCompleteMs: at(8, 0), failedInARow: 6, lastFailedMs: at(12, 0) },
  });
  await service.time.advance(1000);
  await service.fireNext();

  expect(service.started).toEqual([]);
  expect(service.skipped).toEqual(['backoff', 'backoff']);
});

test('a lock that another process holds is a skipped firing, said at info, and no failure', async () => {
  const holder = {
    type: 'cycle' as const,
    cycleId: 7,
    host: 'other',
    pid: 42,
    startedAt: '2026-03-10T12:00:00Z',
  };
  const service = runService({ runCycle: () => Promise.reject(new LockHeldError(holder)) });
  await service.fireNext();

  expect(service.skipped).toEqual(['locked']);
  expect(service.ended).toEqual([]);
  expect(service.log.filter(({ msg }) => msg.includes('42 on other'))).toMatchObject([{ level: 'info' }]);
});

test('asked to end, the service waits for the cycle at hand and fires no more', async () => {
  const cycle = createDeferred();
  let followed = false;
  const service = runService({
    runCycle: () => cycle.promise.then(() => cycleResult('interrupted')),
    afterCycle: () => {
      followed = true;
      return Promise.resolve();
    },
  });
  void service.fire();
  let stopped = false;
  const stopping = service.stop().finally(() => {
    stopped = true;
  });
  await service.time.advance(60_000);

  expect(service.firing()).toBe(false);
  expect(stopped).toBe(false);
  cycle.resolve();
  await stopping;
  expect(followed).toBe(false);
});

test('asked to end while it waits for the jitter, the service starts nothing', async () => {
  const service = runService({ jitterShare: 1 });
  const firing = service.fire();
  await service.stop();
  await firing;

  expect(service.started).toEqual([]);
  expect(service.time.pendingTimers).toBe(0);
});

function createDeferred(): { readonly promise: Promise<void>; resolve(): void } {
  const settlers: (() => void)[] = [];
  const promise = new Promise<void>((settle) => settlers.push(settle));
  return { promise, resolve: () => settlers[0]?.() };
}
