import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { ApiOutageError } from '../../src/exa/http/errors.ts';
import { InterruptedError, SkipMonitorError, StopCycleError } from '../../src/sync/errors.ts';
import type { Reply } from './scripted-server.ts';
import { emptyPage, json, reset, startServer } from './scripted-server.ts';
import { createSource, failureOf } from './source-under-test.ts';

const busy = (status: number, headers: Record<string, string>) => json({ message: 'busy' }, status, headers);

describe('before another attempt', () => {
  test('it backs off longer each time, with jitter', async () => {
    const server = await startServer(json({}, 500));
    const { source, time, events } = createSource(server);
    await failureOf(time.until(source.listRuns('mon_1', null)));
    const delays = events.flatMap((event) => (event.type === 'retry' ? [event.delayMs] : []));
    expect(delays).toEqual([250, 500, 1000, 2000, 4000]);
    expect(time.slept).toEqual(delays);
  });

  test('Retry-After wins: seconds, or a date by the server’s own clock', async () => {
    const dates = { 'retry-after': 'Thu, 01 Jan 2037 00:01:00 GMT', date: 'Thu, 01 Jan 2037 00:00:00 GMT' };
    const server = await startServer(busy(503, { 'retry-after': '7' }), busy(503, dates), emptyPage);
    const { source, time } = createSource(server);
    await time.until(source.listRuns('mon_1', null));
    expect(time.slept).toEqual([7000, 60_000]);
  });

  test('a Retry-After that makes no sense is as good as none', async () => {
    const server = await startServer(busy(503, { 'retry-after': '-7' }), emptyPage);
    const { source, time } = createSource(server);
    await time.until(source.listRuns('mon_1', null));
    expect(time.slept).toEqual([250]);
  });

  test.each([429, 503])(
    'asked to wait longer than a cycle waits (%d), it ends the cycle and says so',
    async (status) => {
      const server = await startServer(busy(status, { 'retry-after': '301' }));
      const { source, time } = createSource(server);
      const error = await failureOf(source.listRuns('mon_1', null));
      expect(error).toBeInstanceOf(ApiOutageError);
      expect(error.message).toContain('asks to wait 301 s');
      expect(await failureOf(source.listRuns('mon_2', null))).toBe(error);
      expect(server.asked).toHaveLength(1);
      expect(time.slept).toEqual([]);
    },
  );

  test('300 seconds are waited for', async () => {
    const server = await startServer(busy(429, { 'retry-after': '300' }), emptyPage);
    const { source, time } = createSource(server);
    await time.until(source.listRuns('mon_1', null));
    expect(source.traffic()).toEqual({ requests: 2, retries: 1, waits: 1, waitedMs: 300_000 });
  });
});

describe('429', () => {
  const refused = busy(429, { 'retry-after': '120' });

  test('that keeps asking for pauses ends the cycle when they are too long together', async () => {
    const server = await startServer(emptyPage, refused);
    const { source, time } = createSource(server);
    await source.listRuns('mon_1', null);
    const startedAtMs = time.now();
    const error = await failureOf(time.until(source.listRuns('mon_2', null)));
    expect(error).toBeInstanceOf(ApiOutageError);
    expect(error.message).toContain('asks to wait 360 s');
    expect(time.now() - startedAtMs).toBe(240_000);
    expect(server.asked).toHaveLength(1 + 3);
  });

  test('with another answer after each pause ends nothing', async () => {
    const twice = [refused, refused];
    const server = await startServer(...twice, emptyPage, ...twice, json({}, 404), ...twice, emptyPage);
    const { source, time } = createSource(server);
    await time.until(source.listRuns('mon_1', null));
    await failureOf(time.until(source.listRuns('gone', null)));
    await time.until(source.listRuns('mon_2', null));
    expect(source.traffic()).toMatchObject({ requests: 9, retries: 6, waitedMs: 720_000 });
  });

  test('pauses every worker for as long as the server asks', async () => {
    const server = await startServer(busy(429, { 'retry-after': '20' }), emptyPage);
    const { source, time, events } = createSource(server);
    const startedAtMs = time.now();
    const first = source.listRuns('mon_1', null);
    await expect.poll(() => events.some(({ type }) => type === 'retry')).toBe(true);
    const others = [source.listRuns('mon_2', null), source.listRuns('mon_3', null)];
    await time.until(Promise.all([first, ...others]));
    expect(time.now() - startedAtMs).toBe(20_000);
    expect(events.filter(({ type }) => type === 'wait')).toEqual([
      { type: 'wait', ms: 20_000, why: 'pause' },
      { type: 'wait', ms: 20_000, why: 'pause' },
      { type: 'wait', ms: 20_000, why: 'pause' },
    ]);
  });

  test('without Retry-After pauses every worker by the backoff', async () => {
    const server = await startServer(busy(429, {}), emptyPage);
    const { source, time, events } = createSource(server);
    await time.until(source.listRuns('mon_1', null));
    expect(events.filter(({ type }) => type === 'wait')).toEqual([{ type: 'wait', ms: 250, why: 'pause' }]);
  });

  test('503 pauses only the one who asked', async () => {
    const server = await startServer(busy(503, { 'retry-after': '20' }), emptyPage);
    const { source, time, events } = createSource(server);
    const first = source.listRuns('mon_1', null);
    await expect.poll(() => events.some(({ type }) => type === 'retry')).toBe(true);
    const startedAtMs = time.now();
    await source.listRuns('mon_2', null);
    expect(time.now()).toBe(startedAtMs);
    await time.until(first);
  });
});

describe('the rate', () => {
  test('holds for retries as well, and its waits are counted', async () => {
    const server = await startServer(reset, emptyPage);
    const { source, time, events } = createSource(server, { requestsPerSecond: 0.1, random: () => 0 });
    const startedAtMs = time.now();
    await time.until(source.listRuns('mon_1', null));
    expect(time.now() - startedAtMs).toBeGreaterThanOrEqual(10_000);
    expect(events.filter(({ type }) => type === 'wait')).toMatchObject([{ why: 'rate' }]);
    expect(source.traffic()).toEqual({
      requests: 2,
      retries: 1,
      waits: 1,
      waitedMs: time.now() - startedAtMs,
    });
  });
});

test('a first request that took long to arrive does not put one too many into a second of the server’s', async () => {
  const arrivals: number[] = [];
  const server = await startServer((response, request) => {
    // The connection took 400 ms to open.
    if (arrivals.length === 0) time.set(time.now() + 400);
    arrivals.push(time.now());
    emptyPage(response, request);
  });
  const { source, time } = createSource(server, { requestsPerSecond: 10 });
  await source.listMonitors(null);
  const work = Array.from({ length: 10 }, (_, index) => source.listRuns(`mon_${index}`, null));
  await time.until(Promise.all(work));
  expect((arrivals[10] ?? 0) - (arrivals[0] ?? 0)).toBeGreaterThanOrEqual(1000);
});

describe('asked to stop', () => {
  test('it sends nothing more', async () => {
    const server = await startServer(emptyPage);
    const { source } = createSource(server, { signal: AbortSignal.abort() });
    await expect(source.listMonitors(null)).rejects.toBeInstanceOf(InterruptedError);
    expect(server.asked).toEqual([]);
  });

  test('a request that is under way is allowed to finish', async () => {
    const stop = new AbortController();
    const server = await startServer((response, request) => {
      stop.abort();
      setImmediate(() => emptyPage(response, request));
    });
    const { source } = createSource(server, { signal: stop.signal });
    expect((await source.listRuns('mon_1', null)).runs).toEqual([]);
  });

  test('but is not tried again', async () => {
    const stop = new AbortController();
    const server = await startServer((response, request) => {
      stop.abort();
      json({}, 500)(response, request);
    });
    const { source } = createSource(server, { signal: stop.signal });
    await expect(source.listRuns('mon_1', null)).rejects.toBeInstanceOf(InterruptedError);
    expect(server.asked).toHaveLength(1);
  });

  test.each<[string, Reply, number]>([
    ['the backoff', json({}, 500), 0],
    ['a pause', busy(429, { 'retry-after': '60' }), 0],
    ['its turn', emptyPage, 0.001],
  ])('it waits no longer for %s, and leaves no timer', async (_what, reply, requestsPerSecond) => {
    const stop = new AbortController();
    const server = await startServer(reply);
    const { source, time } = createSource(server, { signal: stop.signal, requestsPerSecond });
    const work = Promise.allSettled([source.listRuns('mon_1', null), source.listRuns('mon_2', null)]);
    await expect.poll(() => time.pendingTimers).toBeGreaterThan(0);
    await expect.poll(() => server.asked.length).toBeGreaterThan(0);
    stop.abort();
    const waiting = (await work).flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(waiting.length).toBeGreaterThan(0);
    for (const error of waiting) expect(error).toBeInstanceOf(InterruptedError);
    expect(time.pendingTimers).toBe(0);
  });

  test('a reason that the engine knows goes through as it is', async () => {
    const lockLost = new StopCycleError('the lock is lost');
    const server = await startServer(emptyPage);
    const { source } = createSource(server, { signal: AbortSignal.abort(lockLost) });
    expect(await failureOf(source.listMonitors(null))).toBe(lockLost);
  });

  test('no listener stays behind on a signal that outlives the cycle', async () => {
    const stop = new AbortController();
    const server = await startServer(emptyPage, json({}, 404));
    const { source } = createSource(server, { signal: stop.signal });
    const during = source.listRuns('mon_1', null);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    await during;
    await expect(source.listRuns('mon_2', null)).rejects.toBeInstanceOf(SkipMonitorError);
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
  });

  test('many waiting workers are not taken for a leak', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.name);
    process.on('warning', listen);
    const stop = new AbortController();
    const server = await startServer(emptyPage);
    const { source } = createSource(server, { signal: stop.signal, requestsPerSecond: 0.001 });
    const work = Array.from({ length: 50 }, (_, index) => source.listRuns(`mon_${index}`, null));
    const done = Promise.allSettled(work);
    await expect.poll(() => server.asked.length).toBe(1);
    stop.abort();
    await done;
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });
});
