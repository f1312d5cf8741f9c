import { get as httpGet } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createFaultPlan } from '../../src/simulator/answers/fault-plan.ts';
import type { Fault } from '../../src/simulator/answers/faults.ts';
import { documentedError } from './documented-schemas.ts';
import { anyPage, apiKey, minuteMs, readPages, serve, startMs } from './serve.ts';

/** One monitor `m` with runs r9 (newest) … r0. */
async function serveTenRuns(fault: Fault | null = null) {
  const served = await serve({ faults: () => fault });
  served.account.addMonitor({ id: 'm', createdAtMs: startMs - 20 * minuteMs });
  for (let index = 0; index < 10; index += 1) {
    served.account.addRun('m', { id: `r${index}`, createdAtMs: startMs - (10 - index) * minuteMs });
  }
  return served;
}

describe('a broken answer', () => {
  it.each([402, 408, 500, 503])('has status %i with a JSON body', async (status) => {
    const { get } = await serveTenRuns({ kind: 'status', status });
    const answer = await get('/monitors');
    expect(answer.status).toBe(status);
    expect(documentedError.parse(answer.body).statusCode).toBe(status);
    expect(answer.headers.get('retry-after')).toBeNull();
  });

  it('has status 503 with HTML and a Retry-After in either style', async () => {
    const seconds = { style: 'seconds', seconds: 7 } as const;
    const { get, simulator } = await serveTenRuns({
      kind: 'status',
      status: 503,
      body: 'html',
      retryAfter: seconds,
    });
    const answer = await get('/monitors');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '7']);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(answer.text).toContain('503 Service Unavailable');
    simulator.setFaults(() => ({ kind: 'status', status: 429, retryAfter: { style: 'date', seconds: 7 } }));
    expect((await get('/monitors')).headers.get('retry-after')).toBe('Mon, 02 Mar 2026 12:00:07 GMT');
  });

  it.each([
    ['html200', /^<!doctype html>/u],
    ['emptyBody', /^$/u],
    ['nullBody', /^null$/u],
    ['withoutData', /^\{"hasMore":false,"nextCursor":null\}$/u],
  ] as const)('is 200 with %s', async (kind, body) => {
    const { get } = await serveTenRuns({ kind });
    const answer = await get('/monitors/m/runs');
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(body);
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/u);
  });

  it.each(['contentLength', 'chunked'] as const)('breaks off in mid-body (%s)', async (framing) => {
    const { simulator } = await serveTenRuns({ kind: 'truncatedBody', framing });
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      httpGet(
        `${simulator.url}/websets/v0/monitors/m/runs`,
        { headers: { 'x-api-key': apiKey }, agent: false },
        (answer) => {
          answer.resume();
          answer.once('end', () => reject(new Error('the body was whole')));
          answer.once('error', () => resolve(answer.headers));
        },
      );
    });
    expect(headers).toHaveProperty(framing === 'chunked' ? 'transfer-encoding' : 'content-length');
    expect(headers).toHaveProperty('x-request-id');
  });

  it('is half a JSON text in sound HTTP', async () => {
    const { get } = await serveTenRuns({ kind: 'truncatedBody', framing: 'framed' });
    const { status, text } = await get('/monitors/m/runs');
    expect([status, text.slice(0, 9)]).toEqual([200, '{"data":[']);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  it('is a reset connection', async () => {
    const { get, simulator } = await serveTenRuns({ kind: 'reset' });
    await expect(get('/monitors')).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(simulator.requests.entries).toMatchObject([{ fault: 'reset', status: null }]);
  });

  it('never comes, and does not keep the simulator from closing', async () => {
    const { get, simulator } = await serveTenRuns();
    const arrived = new Promise<void>((resolve) => {
      simulator.setFaults(() => {
        resolve();
        return { kind: 'hang' };
      });
    });
    const answer = get('/monitors').catch((error: unknown) => error);
    await arrived;
    await simulator.close();
    expect(await answer).toMatchObject({ message: 'fetch failed' });
  });
});

describe('a refusal', () => {
  it.each([400, 404] as const)('is of any cursor, with %i', async (status) => {
    const { get } = await serveTenRuns({ kind: 'refuseCursor', status });
    const first = anyPage.parse((await get('/monitors/m/runs?limit=4')).body);
    expect((await get(`/monitors/m/runs?limit=4&cursor=${first.nextCursor}`)).status).toBe(status);
  });

  it('is of `limit`', async () => {
    const { get } = await serveTenRuns({ kind: 'refuseLimit' });
    expect((await get('/monitors/m/runs?limit=4')).status).toBe(400);
    expect((await get('/monitors/m/runs')).status).toBe(200);
  });
});

describe('a wrong page', () => {
  const all = Array.from({ length: 10 }, (_, index) => `r${9 - index}`);

  it('has fewer rows than asked for and loses none', async () => {
    const { get } = await serveTenRuns({ kind: 'fewerRows', rows: 3 });
    const pages = await readPages(get, '/monitors/m/runs', 200);
    expect(pages.map((page) => page.length)).toEqual([3, 3, 3, 1]);
    expect(pages.flat()).toEqual(all);
  });

  it('can have no rows and still more to come', async () => {
    const { get, simulator } = await serveTenRuns();
    simulator.setFaults(({ ordinal }) => (ordinal === 1 ? { kind: 'fewerRows', rows: 0 } : null));
    expect(await readPages(get, '/monitors/m/runs', 200)).toEqual([[], all]);
  });

  it('says that there is more and gives no cursor', async () => {
    const { get } = await serveTenRuns({ kind: 'hasMoreWithoutCursor' });
    const { body } = await get('/monitors/m/runs?limit=4');
    expect(body).toMatchObject({ hasMore: true, nextCursor: null });
  });

  it('hands out a cursor that was used before', async () => {
    const { get } = await serveTenRuns({ kind: 'repeatedCursor' });
    const first = anyPage.parse((await get('/monitors/m/runs?limit=4')).body);
    const second = anyPage.parse((await get(`/monitors/m/runs?limit=4&cursor=${first.nextCursor}`)).body);
    expect(second).toMatchObject({ hasMore: true, nextCursor: first.nextCursor });
    expect(second.data.map((run) => run.id)).toEqual(all.slice(4, 8));
  });

  it('has one id twice', async () => {
    const { get } = await serveTenRuns({ kind: 'repeatRows', rows: 'inPage' });
    const pages = await readPages(get, '/monitors/m/runs', 4);
    expect(pages[0]).toEqual(['r9', 'r8', 'r7', 'r9']);
    expect([...new Set(pages.flat())]).toEqual(all);
  });

  it('repeats rows of the page before', async () => {
    const { get } = await serveTenRuns({ kind: 'repeatRows', rows: 2 });
    const pages = await readPages(get, '/monitors/m/runs', 4);
    expect(pages.slice(0, 2)).toEqual([
      ['r9', 'r8', 'r7', 'r6'],
      ['r7', 'r6', 'r5', 'r4'],
    ]);
    expect([...new Set(pages.flat())]).toEqual(all);
  });

  it('is page one again, with a cursor not seen before', async () => {
    const { get } = await serveTenRuns({ kind: 'restartAtTop' });
    const first = anyPage.parse((await get('/monitors/m/runs?limit=4')).body);
    const second = anyPage.parse((await get(`/monitors/m/runs?limit=4&cursor=${first.nextCursor}`)).body);
    expect(second.data).toEqual(first.data);
    expect(second.nextCursor).not.toBe(first.nextCursor);
  });
});

const request = {
  api: 'websets',
  endpoint: 'runs',
  monitorId: 'm',
  runId: null,
  cursor: null,
  limit: 200,
  ordinal: 1,
} as const;

function drawResets(seed: number): boolean[] {
  const faults = createFaultPlan({ seed, rules: [{ fault: { kind: 'reset' }, probability: 0.3 }] });
  return Array.from({ length: 1000 }, () => faults(request) !== null);
}

describe('a fault plan', () => {
  it('applies the first rule whose conditions are met, as often as it may', () => {
    const faults = createFaultPlan({
      rules: [
        { fault: { kind: 'reset' }, endpoint: 'runs', monitorId: 'm', page: 'later', times: 1 },
        { fault: { kind: 'hang' }, endpoint: 'monitors' },
        { fault: { kind: 'emptyBody' }, fromOrdinal: 5, toOrdinal: 6 },
      ],
    });
    const kinds = [
      faults(request),
      faults({ ...request, cursor: 'c' }),
      faults({ ...request, cursor: 'c' }),
      faults({ ...request, endpoint: 'monitors' }),
      faults({ ...request, ordinal: 5 }),
      faults({ ...request, ordinal: 7 }),
    ].map((fault) => fault?.kind);
    expect(kinds).toEqual([undefined, 'reset', undefined, 'hang', 'emptyBody', undefined]);
  });

  it('draws the same faults for the same seed', () => {
    expect(drawResets(1)).toEqual(drawResets(1));
    expect(drawResets(1)).not.toEqual(drawResets(2));
    expect(drawResets(1).filter(Boolean).length).toBeGreaterThan(250);
    expect(drawResets(1).filter(Boolean).length).toBeLessThan(350);
  });
});
