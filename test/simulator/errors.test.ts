import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import { documentedError } from './documented-schemas.ts';
import { anyPage, apiKey, serve, startMs } from './serve.ts';

describe('the key', () => {
  it.each([
    ['no key', {}],
    ['a wrong key', { 'x-api-key': 'other' }],
    ['a wrong bearer token', { authorization: 'Bearer other' }],
  ])('is refused with 401: %s', async (_, headers) => {
    const { get } = await serve();
    const answer = await get('/monitors', headers);
    expect(answer.status).toBe(401);
    expect(documentedError.parse(answer.body)).toMatchObject({ statusCode: 401, error: 'Unauthorized' });
  });

  it.each([{ 'x-api-key': apiKey }, { authorization: `Bearer ${apiKey}` }])(
    'is accepted in both headers',
    async (headers) => {
      const { get } = await serve();
      expect((await get('/monitors', { ...headers })).status).toBe(200);
    },
  );
});

describe('a bad request', () => {
  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=2.5', 'limit'],
    ['limit=many', 'limit'],
    ['cursor=', 'cursor'],
    ['cursor=made-up', 'cursor'],
  ])('%s is refused with 400 that names the parameter', async (query, name) => {
    const { account, get } = await serve();
    const id = account.addMonitor();
    for (const path of ['/monitors', `/monitors/${id}/runs`, '/events']) {
      const answer = await get(`${path}?${query}`);
      expect(answer.status).toBe(400);
      const { message } = documentedError.parse(answer.body);
      expect(message).toContain(name);
    }
  });

  it("refuses another list's cursor", async () => {
    const { account, get } = await serve();
    const ids = [account.addMonitor(), account.addMonitor()];
    for (const id of ids) {
      account.addRun(id);
      account.addRun(id);
    }
    const page = anyPage.parse((await get(`/monitors/${ids[0]}/runs?limit=1`)).body);
    const cursor = `limit=1&cursor=${page.nextCursor}`;
    expect((await get(`/monitors/${ids[0]}/runs?${cursor}`)).status).toBe(200);
    expect((await get(`/monitors/${ids[1]}/runs?${cursor}`)).status).toBe(400);
  });

  it('refuses an unknown event type and a date that does not parse', async () => {
    const { get } = await serve();
    expect((await get('/events?types=monitor.run.failed')).status).toBe(400);
    expect((await get('/events?createdAfter=yesterday')).status).toBe(400);
  });

  it('answers 404 for what is not there', async () => {
    const { account, get } = await serve();
    const id = account.addMonitor();
    const gone = account.addMonitor();
    account.deleteMonitor(gone);
    for (const path of [
      '/monitors/none',
      '/monitors/none/runs',
      `/monitors/${id}/runs/none`,
      `/monitors/${gone}`,
      '/none',
    ]) {
      const answer = await get(path);
      expect(answer.status).toBe(404);
      expect(documentedError.parse(answer.body).path).toBe(`/websets/v0${path}`);
    }
  });

  it('refuses a path that cannot be decoded', async () => {
    const { get } = await serve();
    const answer = await get('/monitors/%E0%A4%A');
    expect(answer.status).toBe(400);
    documentedError.parse(answer.body);
  });
});

it('gives every answer a request id of its own, in the error body too', async () => {
  const { get } = await serve();
  const answers = [
    await get('/monitors'),
    await get('/monitors'),
    await get('/none'),
    await get('/monitors', {}),
  ];
  const ids = answers.map((answer) => answer.headers.get('x-request-id'));
  expect(new Set(ids).size).toBe(4);
  expect(ids).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/^req_\w{20,}$/u)));
  expect(answers[2]?.body).toMatchObject({ requestId: ids[2] });
});

it("shows the account's time in `Date` when asked to", async () => {
  const { get } = await serve({ dateHeader: 'account' });
  expect((await get('/monitors')).headers.get('date')).toBe('Mon, 02 Mar 2026 12:00:00 GMT');
});

describe('the rate limit', () => {
  it('lets a second’s worth of requests through and asks for a wait after that', async () => {
    const wallClock = createManualClock(startMs);
    const { get, simulator } = await serve({ wallClock, rateLimit: { requestsPerSecond: 3 } });
    const statuses = async () =>
      (await Promise.all([get('/monitors'), get('/monitors')])).map(({ status }) => status);
    expect(await statuses()).toEqual([200, 200]);
    wallClock.advance(600);
    expect(new Set(await statuses())).toEqual(new Set([200, 429]));
    const refused = await get('/monitors');
    expect(refused.headers.get('retry-after')).toBe('1');
    documentedError.parse(refused.body);
    wallClock.advance(400);
    expect(await statuses()).toEqual([200, 200]);
    expect((await get('/monitors')).status).toBe(429);
    simulator.setRateLimit({ requestsPerSecond: 0 });
    expect((await get('/monitors')).status).toBe(200);
  });

  it.each([
    ['date', 'Mon, 02 Mar 2026 12:00:01 GMT'],
    ['none', null],
  ] as const)('can say how long with %s', async (retryAfter, header) => {
    const wallClock = createManualClock(startMs);
    const { get } = await serve({ wallClock, rateLimit: { requestsPerSecond: 1, retryAfter } });
    await get('/monitors');
    expect((await get('/monitors')).headers.get('retry-after')).toBe(header);
  });
});

it('keeps a log of requests that can be reset', async () => {
  const { account, get, simulator } = await serve();
  const id = account.addMonitor();
  await get('/monitors?limit=200');
  await get(`/monitors/${id}/runs/none`);
  expect(simulator.requests.counts).toMatchObject({
    total: 2,
    byEndpoint: { monitors: 1, run: 1, runs: 0 },
    byStatus: { 200: 1, 404: 1 },
    peakInFlight: 1,
  });
  expect(simulator.requests.entries).toMatchObject([
    { endpoint: 'monitors', limit: 200, cursor: null, status: 200, ordinal: 1 },
    { endpoint: 'run', monitorId: id, runId: 'none', status: 404, ordinal: 2 },
  ]);
  simulator.requests.reset();
  expect(simulator.requests.total).toBe(0);
  expect(simulator.requests.entries).toEqual([]);
});
