import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { SkipMonitorError } from '../../src/sync/errors.ts';
import { apiMonitor, apiRun } from './exa-objects.ts';
import type { Reply } from './scripted-server.ts';
import { emptyPage, html, json, startServer, text } from './scripted-server.ts';
import { createSource, failureOf } from './source-under-test.ts';

const page = (data: unknown[], paging: Record<string, unknown> = { hasMore: false, nextCursor: null }) =>
  json({ data, ...paging });

describe('a page of runs', () => {
  test('bad runs do not cost good ones; order and repeats stay for the engine', async () => {
    const data = [
      apiRun({ id: 'b' }),
      apiRun({ id: 'x', createdAt: 'then' }),
      null,
      apiRun({ id: 'a' }),
      apiRun({ id: 'b' }),
    ];
    const server = await startServer(page(data));
    const { runs, rejected } = await createSource(server).source.listRuns('mon_1', null);
    expect(runs.map(({ id }) => id)).toEqual(['b', 'a', 'b']);
    expect(rejected.map(({ monitorId, reason }) => [monitorId, reason])).toEqual([
      ['mon_1', 'createdAt: "then" is not a date-time that can be stored'],
      ['mon_1', 'is not an object'],
    ]);
  });

  test.each([
    [
      { hasMore: true, nextCursor: 'c' },
      { hasMore: true, nextCursor: 'c' },
    ],
    [
      { hasMore: true, nextCursor: null },
      { hasMore: true, nextCursor: null },
    ],
    [{ hasMore: true }, { hasMore: true, nextCursor: null }],
    [
      { hasMore: true, nextCursor: '' },
      { hasMore: true, nextCursor: null },
    ],
    [
      { hasMore: false, nextCursor: 'c' },
      { hasMore: false, nextCursor: 'c' },
    ],
  ])('paging %j goes to the engine as %j', async (sent, expected) => {
    const server = await startServer(page([], sent));
    expect(await createSource(server).source.listRuns('mon_1', null)).toMatchObject(expected);
    expect(await createSource(server).source.listMonitors(null)).toMatchObject(expected);
  });

  test('bytes that are not UTF-8 become U+FFFD', async () => {
    const body = JSON.stringify({ data: [apiRun({ failedReason: '@' })], hasMore: false });
    const reply: Reply = (response) => {
      response.end(
        Buffer.from(body.replace('@', '\u0001'), 'latin1').map((byte) => (byte === 1 ? 0xff : byte)),
      );
    };
    const server = await startServer(reply);
    const { runs } = await createSource(server).source.listRuns('mon_1', null);
    expect(runs[0]?.failedReason).toBe('\uFFFD');
  });

  test('characters that lie across two chunks are whole', async () => {
    const failedReason = 'ä😀€'.repeat(100_000);
    const server = await startServer(page([apiRun({ failedReason })]));
    const { runs } = await createSource(server).source.listRuns('mon_1', null);
    expect(runs[0]?.failedReason === failedReason).toBe(true);
  });
});

describe('a page of monitors', () => {
  test('tells what is unreadable from what is not', async () => {
    const server = await startServer(page([apiMonitor(), apiMonitor({ id: 'mon_2', createdAt: 1 }), 'x']));
    const { monitors, unreadable } = await createSource(server).source.listMonitors(null);
    expect(monitors.map(({ id }) => id)).toEqual(['mon_1']);
    expect(unreadable).toEqual([
      { id: 'mon_2', reason: 'createdAt: Invalid input: expected string, received number' },
      { id: null, reason: 'is not an object' },
    ]);
  });
});

describe('a question by id', () => {
  const notFound = json({ message: 'not found' }, 404);

  test('is answered', async () => {
    const server = await startServer(json(apiRun()), json(apiMonitor()));
    const { source } = createSource(server);
    expect(await source.getRun('mon_1', 'run_1')).toMatchObject({
      run: { id: 'run_1' },
      rejected: null,
      answer: 1,
    });
    expect(await source.getMonitor('mon_1')).toMatchObject({ id: 'mon_1' });
  });

  test('404 means that it is gone', async () => {
    const server = await startServer(notFound, text('', 404));
    const { source } = createSource(server);
    expect(await source.getRun('mon_1', 'run_1')).toEqual({ run: null, rejected: null, answer: 1 });
    expect(await source.getMonitor('mon_1')).toBeNull();
  });

  test('404 from a gateway does not: nothing may be marked absent for it', async () => {
    const server = await startServer(html(404));
    const { source, time } = createSource(server);
    const error = await failureOf(time.until(source.getRun('mon_1', 'run_1')));
    expect(error).toBeInstanceOf(SkipMonitorError);
    expect(error.message).toContain('HTTP 404 with an HTML page');
    expect(server.asked).toHaveLength(6);
  });

  test('a run that cannot be stored is rejected under the id that was asked for', async () => {
    const server = await startServer(json(apiRun({ updatedAt: null })));
    const { run, rejected } = await createSource(server).source.getRun('mon_1', 'run_1');
    expect([run, rejected?.key]).toEqual([null, 'run_1']);
  });

  test('a monitor that cannot be used is skipped with the reason', async () => {
    const server = await startServer(json(apiMonitor({ createdAt: 'then' })));
    const error = await failureOf(createSource(server).source.getMonitor('mon_1'));
    expect(error).toBeInstanceOf(SkipMonitorError);
    expect(error.message).toBe('get monitor mon_1: createdAt: "then" is not a date-time that can be stored');
  });

  test('an answer about something else is asked for again', async () => {
    const server = await startServer(json(apiRun({ id: 'run_2' })), json({ error: 'x' }), json(apiRun()));
    const { source, time } = createSource(server);
    expect((await time.until(source.getRun('mon_1', 'run_1'))).run?.id).toBe('run_1');
    expect(server.asked).toHaveLength(3);
  });
});

describe('the ordinal of an answer', () => {
  test('counts by when the answering request was sent', async () => {
    const replies: (() => void)[] = [];
    const hold: Reply = (response, request) => {
      replies.push(() => emptyPage(response, request));
    };
    const server = await startServer(hold);
    const { source } = createSource(server);
    const first = source.listRuns('mon_1', null);
    await expect.poll(() => replies.length).toBe(1);
    const second = source.listRuns('mon_2', null);
    await expect.poll(() => replies.length).toBe(2);
    for (const reply of replies.toReversed()) reply();
    expect([(await first).answer, (await second).answer]).toEqual([1, 2]);
  });

  test('is that of the attempt that was answered, not of the first', async () => {
    const server = await startServer(text('', 500), emptyPage);
    const { source, time } = createSource(server);
    expect((await time.until(source.listRuns('mon_1', null))).answer).toBe(2);
  });
});

describe('an answer larger than allowed', () => {
  const large = JSON.stringify({ data: [], hasMore: false, padding: 'x'.repeat(10_000) });

  test('is not read on, and costs that monitor alone', async () => {
    let written = 0;
    const endless: Reply = (response) => {
      // What is written to a connection that is gone says so to its callback, in some versions before it is marked.
      const write = (error?: Error | null) => {
        if (response.destroyed || (error ?? null) !== null) return;
        written += 65_536;
        response.write('x'.repeat(65_536), write);
      };
      write();
    };
    const server = await startServer(endless, endless, endless, endless, emptyPage);
    const { source } = createSource(server, { maxResponseBytes: 100_000 });
    const error = await failureOf(source.listRuns('mon_1', null));
    expect(error).toBeInstanceOf(SkipMonitorError);
    expect(error.message).toBe('list runs of monitor mon_1: HTTP 200, but larger than allowed');
    expect(written).toBeLessThan(50_000_000);
    await source.listRuns('mon_2', null);
    expect(server.asked.map(({ url }) => url.split('?')[1])).toEqual([
      'limit=200',
      'limit=25',
      'limit=3',
      'limit=1',
      'limit=200',
    ]);
  });

  test('is measured after decompression', async () => {
    const server = await startServer((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(large));
    });
    const settings = { maxResponseBytes: large.length - 1 };
    await expect(createSource(server, settings).source.listRuns('mon_1', null)).rejects.toThrow(
      'larger than allowed',
    );
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('compressed with %s is read, and cut off it is asked for again', async (encoding, compress) => {
    const body = compress(large);
    const server = await startServer(
      (response) => response.writeHead(200, { 'content-encoding': encoding }).end(body.subarray(0, -8)),
      (response) => response.writeHead(200, { 'content-encoding': encoding }).end(body),
    );
    const { source, time } = createSource(server);
    expect((await time.until(source.listRuns('mon_1', null))).runs).toEqual([]);
    expect(server.asked.map(({ headers }) => headers['accept-encoding'])).toEqual([
      'gzip, deflate, br',
      'gzip, deflate, br',
    ]);
  });

  test('one of exactly the allowed size is read', async () => {
    const server = await startServer(text(large));
    const { source } = createSource(server, { maxResponseBytes: large.length });
    expect((await source.listRuns('mon_1', null)).runs).toEqual([]);
  });
});

test('a request is told of with its endpoint, status, duration and the server’s clock', async () => {
  const date = 'Thu, 01 Jan 2026 00:00:30 GMT';
  const ticking: Reply = (response, request) => {
    time.set(time.now() + 70);
    json({ data: [], hasMore: false }, 200, { date })(response, request);
  };
  const server = await startServer(ticking, json({}, 404), json({}, 422));
  const { source, time, events } = createSource(server);
  await source.listMonitors(null);
  await source.getRun('mon_1', 'run_1');
  await failureOf(source.getMonitor('mon_1'));
  expect(events[0]).toEqual({
    type: 'request',
    endpoint: 'list_monitors',
    statusClass: '2xx',
    status: 200,
    durationMs: 70,
    serverDate: date,
  });
  expect(events.slice(1)).toMatchObject([
    { endpoint: 'get_run', statusClass: '4xx', status: 404 },
    { endpoint: 'get_monitor', statusClass: '4xx', status: 422 },
  ]);
});
