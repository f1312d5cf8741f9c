import { describe, expect, test } from 'vitest';
import {
  AnswerRefusedError,
  ApiOutageError,
  ApiRefusedError,
  FailedAttemptError,
} from '../../src/exa/http/errors.ts';
import { SkipMonitorError, StopCycleError } from '../../src/sync/errors.ts';
import { cutOff, emptyPage, html, json, never, reset, startServer, text } from './scripted-server.ts';
import { apiKey, createSource, failureOf } from './source-under-test.ts';

describe('worth another attempt', () => {
  test.each([
    ['a reset connection', reset, 'network'],
    ['a body cut off', cutOff, 'network'],
    ['JSON cut off', text('{"data": [', 200, { 'content-type': 'application/json' }), 'unreadable_body'],
    ['200 with HTML', html(200), 'unreadable_body'],
    ['200 with nothing', text(''), 'unreadable_body'],
    ['204', text('', 204), 'unreadable_body'],
    ['null', json(null), 'unreadable_body'],
    ['a list', json([]), 'unreadable_body'],
    ['no data', json({ hasMore: false, nextCursor: null }), 'unreadable_body'],
    ['data that is no list', json({ data: {}, hasMore: false }), 'unreadable_body'],
    ['no hasMore', json({ data: [], nextCursor: null }), 'unreadable_body'],
    ['a hasMore that is none', json({ data: [], hasMore: 'no' }), 'unreadable_body'],
    ['a cursor that is none', json({ data: [], hasMore: true, nextCursor: 5 }), 'unreadable_body'],
    [
      'a cursor that cannot be stored',
      json({ data: [], hasMore: true, nextCursor: 'a\0' }),
      'unreadable_body',
    ],
    ['408', json({}, 408), 'http_408'],
    ['425', json({}, 425), 'http_425'],
    ['429', json({}, 429), 'http_429'],
    ['500', json({}, 500), 'http_5xx'],
    ['503 with HTML', html(503), 'http_5xx'],
    ['599', json({}, 599), 'http_5xx'],
  ])('%s', async (_name, fault, reason) => {
    const server = await startServer(fault, emptyPage);
    const { source, time, events } = createSource(server);
    expect((await time.until(source.listRuns('mon_1', null))).runs).toEqual([]);
    expect(server.asked).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'retry')).toMatchObject([{ endpoint: 'list_runs', reason }]);
    expect(source.traffic()).toMatchObject({ requests: 2, retries: 1 });
  });

  test.each([
    ['an answer that never comes', never],
    ['a body that never ends', (response: { write: (text: string) => void }) => response.write('{"data":[')],
  ])('%s', async (_name, fault) => {
    const server = await startServer(fault, emptyPage);
    const { source, time, events } = createSource(server, { timeoutMs: 100 });
    await time.until(source.listRuns('mon_1', null));
    expect(events.find(({ type }) => type === 'retry')).toMatchObject({ reason: 'timeout' });
  });

  test('an unreachable host', async () => {
    const { source, time } = createSource({ baseUrl: 'http://127.0.0.1:1' });
    const error = await failureOf(time.until(source.listMonitors(null)));
    expect(error).toBeInstanceOf(StopCycleError);
    expect(error.message).toMatch(/^list monitors: connection failed \(.+\); given up after 6 attempts$/);
    expect(source.traffic()).toMatchObject({ requests: 6, retries: 5 });
  });
});

describe('after six attempts', () => {
  test('a monitor is skipped, and the others go on', async () => {
    const down = json({ message: 'overloaded' }, 503, { 'x-request-id': 'req_5' });
    const server = await startServer(down, down, down, down, down, down, emptyPage);
    const { source, time } = createSource(server);
    const error = await failureOf(time.until(source.listRuns('mon_1', null)));
    expect(error).toBeInstanceOf(SkipMonitorError);
    expect(error.message).toBe(
      'list runs of monitor mon_1: HTTP 503 "overloaded" (request id req_5); given up after 6 attempts',
    );
    expect(error.cause).toBeInstanceOf(FailedAttemptError);
    await source.listRuns('mon_2', null);
    expect(server.asked).toHaveLength(7);
  });

  test('a listing that fails ends the cycle', async () => {
    const server = await startServer(json({}, 500));
    const { source, time } = createSource(server);
    const error = await failureOf(time.until(source.listMonitors(null)));
    expect(error).toBeInstanceOf(StopCycleError);
    expect(await failureOf(source.getMonitor('mon_1'))).toBe(error);
    expect(server.asked).toHaveLength(6);
  });
});

describe('a refusal of one question', () => {
  test.each([400, 404, 405, 410, 414, 422, 451])(
    '%d skips the monitor without another attempt',
    async (status) => {
      const server = await startServer(json({ message: 'no' }, status));
      const error = await failureOf(createSource(server).source.listRuns('mon_1', null));
      expect(error).toBeInstanceOf(SkipMonitorError);
      expect(error).toMatchObject({ name: 'AnswerRefusedError', status });
      expect(server.asked).toHaveLength(status === 400 ? 2 : 1);
    },
  );

  test.each([301, 302, 307, 308])(
    'a redirect (%d) is not followed: the key stays with this host',
    async (status) => {
      const elsewhere = await startServer(emptyPage);
      const server = await startServer(text('', status, { location: elsewhere.baseUrl }));
      const error = await failureOf(createSource(server).source.listRuns('mon_1', null));
      expect(error).toBeInstanceOf(AnswerRefusedError);
      expect([server.asked.length, elsewhere.asked.length]).toEqual([1, 0]);
    },
  );

  test.each([
    [404, html(404)],
    [302, text('', 302, { location: 'http://127.0.0.1:1/' })],
  ])('of the listing (%d) asks whether the base URL is right, at once', async (_status, reply) => {
    const server = await startServer(reply);
    const error = await failureOf(createSource(server).source.listMonitors(null));
    expect(error).toBeInstanceOf(StopCycleError);
    expect(error.message).toContain('is EXA_BASE_URL right?');
    expect(server.asked).toHaveLength(1);
  });
});

describe('a refusal of the key', () => {
  test.each([
    [401, 'check EXA_API_KEY'],
    [402, 'credits'],
    [403, 'permissions'],
  ])('%d stops at once and says what to do', async (status, advice) => {
    const server = await startServer(
      json({ error: 'Nope', requestId: 'x' }, status, { 'x-request-id': 'req_1' }),
    );
    const { source } = createSource(server);
    const error = await failureOf(source.listRuns('mon_1', null));
    expect(error).toBeInstanceOf(ApiRefusedError);
    expect(error).toBeInstanceOf(StopCycleError);
    expect(error.message).toContain(`list runs of monitor mon_1: HTTP ${status} "Nope" (request id req_1): `);
    expect(error.message).toContain(advice);
    for (const work of [source.listMonitors(null), source.listRuns('mon_2', null), source.getRun('m', 'r')]) {
      expect(await failureOf(work)).toBe(error);
    }
    expect(server.asked).toHaveLength(1);
  });

  test('counts even when its body breaks off', async () => {
    const server = await startServer((response) => {
      response.writeHead(401, { 'content-length': '1000' });
      response.write('{"mess', () => response.destroy());
    });
    await expect(createSource(server).source.listMonitors(null)).rejects.toBeInstanceOf(ApiRefusedError);
  });

  test('two thousand requests that wait are not two thousand refusals', async () => {
    const server = await startServer(emptyPage, json({}, 401));
    const { source, time } = createSource(server, { requestsPerSecond: 10 });
    await source.listMonitors(null);
    const all = Array.from({ length: 2000 }, (_, index) => failureOf(source.listRuns(`mon_${index}`, null)));
    await time.advance(103);
    const errors = await Promise.all(all);
    expect(server.asked).toHaveLength(2);
    expect(new Set(errors).size).toBe(1);
    expect(errors[0]).toBeInstanceOf(ApiRefusedError);
    expect(time.pendingTimers).toBe(0);
  });
});

describe('an outage', () => {
  test('ends the cycle when the retries are used up', async () => {
    const server = await startServer(json({ message: 'down' }, 500));
    const { source, time } = createSource(server);
    const all = Array.from({ length: 100 }, (_, index) => failureOf(source.listRuns(`mon_${index}`, null)));
    const errors = await time.until(Promise.all(all));
    const outage = errors.find((error) => error instanceof ApiOutageError);
    expect(outage?.message).toContain('outage');
    expect(outage?.message).toContain('HTTP 500 "down"');
    expect(source.traffic().retries).toBe(50);
    expect(await failureOf(source.listMonitors(null))).toBe(outage);
  });

  test('retries are earned by requests that succeed at once', async () => {
    const good = Array.from({ length: 50 }, () => emptyPage);
    const server = await startServer(...good, json({}, 500));
    const { source, time } = createSource(server);
    for (let request = 0; request < 50; request += 1) await source.listRuns('mon_1', null);
    const all = Array.from({ length: 100 }, () => failureOf(source.listRuns('mon_1', null)));
    await time.until(Promise.all(all));
    expect(source.traffic().retries).toBe(60);
  });
});

async function failWith(body: string, headers: Record<string, string> = {}): Promise<string> {
  const server = await startServer(text(body, 422, headers));
  const { source } = createSource(server);
  return (await failureOf(source.listRuns('mon_1', null))).message;
}

describe('messages', () => {
  test.each([
    ['{"message":"a","error":"b"}', ' "a"'],
    ['{"error":"b","tag":"X"}', ' "b"'],
    ['{"error":{"message":"c"}}', ' "c"'],
    ['{"message":["d","e"]}', ' "d; e"'],
    ['plain words', ' "plain words"'],
    ['{"message":"<b>bold</b>\\u0000\\n\\u001b[31m text \\ud800"}', ' "bold [31m text"'],
    ['<html><title>502</title></html>', ''],
    ['', ''],
    ['{}', ''],
    ['[1]', ''],
  ])('the API’s own words in %j are%s', async (body, words) => {
    expect(await failWith(body)).toBe(`list runs of monitor mon_1: HTTP 422${words}`);
  });

  test('an error that comes with 200 is told in its own words', async () => {
    const server = await startServer(json({ error: `no runs <b>today</b> for ${apiKey}` }));
    const { source, time } = createSource(server);
    const { message } = await failureOf(time.until(source.listRuns('mon_1', null)));
    expect(message).toContain(
      'list runs of monitor mon_1: HTTP 200 "no runs today for [key]", but the answer',
    );
  });

  test('long words are cut', async () => {
    const message = await failWith(JSON.stringify({ message: '😀'.repeat(1000) }));
    expect(message).toBe(`list runs of monitor mon_1: HTTP 422 "${'😀'.repeat(200)}…"`);
  });

  test.each([
    ['the words', JSON.stringify({ message: `bad key ${apiKey}!` }), {}],
    ['the words, as in a URL', JSON.stringify({ message: `bad ${encodeURIComponent(apiKey)}` }), {}],
    ['the request id', '{}', { 'x-request-id': `req-${apiKey}` }],
    ['a body that is no JSON', `invalid ${apiKey}`, {}],
  ])('a key that the API echoes in %s is taken out', async (_where, body, headers) => {
    const message = await failWith(body, headers);
    expect(message).toContain('[key]');
    expect(message).not.toContain('secret');
  });

  test('neither does a 200 that is no JSON tell the key, nor its causes', async () => {
    const server = await startServer(text(apiKey, 200, { 'content-type': `text/${apiKey.slice(0, 9)}` }));
    const { source, time } = createSource(server);
    let error: unknown = await failureOf(time.until(source.listRuns('mon_1', null)));
    for (; error instanceof Error; error = error.cause) expect(error.message).not.toContain(apiKey);
  });
});
