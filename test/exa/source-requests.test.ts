import { describe, expect, test } from 'vitest';
import { CursorRefusedError, SkipMonitorError, StopCycleError } from '../../src/sync/errors.ts';
import { ListLimits } from '../../src/exa/list-limits.ts';
import { apiMonitor, apiRun } from './exa-objects.ts';
import { emptyPage, json, startServer } from './scripted-server.ts';
import { apiKey, createSource, failureOf } from './source-under-test.ts';

const refused = json({ message: 'property limit should not exist' }, 400);
const urls = (server: { asked: { url: string }[] }) => server.asked.map(({ url }) => url);

describe('what is asked', () => {
  test('each question has its path', async () => {
    const server = await startServer(emptyPage, emptyPage, json(apiMonitor()), json(apiRun()));
    const { source } = createSource({ baseUrl: `${server.baseUrl}/` });
    await source.listMonitors(null);
    await source.listRuns('mon_1', 'a+b/c=&');
    await source.getMonitor('mon_1');
    await source.getRun('mon_1', 'run_1');
    expect(urls(server)).toEqual([
      '/websets/v0/monitors?limit=200',
      '/websets/v0/monitors/mon_1/runs?limit=200&cursor=a%2Bb%2Fc%3D%26',
      '/websets/v0/monitors/mon_1',
      '/websets/v0/monitors/mon_1/runs/run_1',
    ]);
  });

  test('with the key in its header, and for JSON', async () => {
    const server = await startServer(emptyPage);
    await createSource(server).source.listMonitors(null);
    expect(server.asked[0]?.headers).toMatchObject({
      'x-api-key': apiKey,
      accept: 'application/json',
      'user-agent': 'exa-monitor-sync',
    });
  });

  test('the page size is a setting', async () => {
    const server = await startServer(emptyPage);
    await createSource(server, { pageSize: 7 }).source.listRuns('mon_1', null);
    expect(urls(server)).toEqual(['/websets/v0/monitors/mon_1/runs?limit=7']);
  });

  test.each([
    [`a/b%20?c#d'e"f\\`, `a%2Fb%2520%3Fc%23d%27e%22f%5C`],
    ['ä 😀', '%C3%A4%20%F0%9F%98%80'],
    ['%2e%2e', '%252e%252e'],
    ['...', '...'],
  ])('the id %j stays one segment', async (id, segment) => {
    const server = await startServer(emptyPage, json(apiRun({ id, monitorId: id })));
    const { source } = createSource(server);
    await source.listRuns(id, null);
    expect((await source.getRun(id, id)).run?.id).toBe(id);
    expect(urls(server)).toEqual([
      `/websets/v0/monitors/${segment}/runs?limit=200`,
      `/websets/v0/monitors/${segment}/runs/${segment}`,
    ]);
  });

  test.each(['.', '..', '', '\uD800'])(
    'the id %j is never asked for: it would ask something else',
    async (id) => {
      const server = await startServer(emptyPage);
      const { source } = createSource(server);
      for (const work of [
        () => source.listRuns(id, null),
        () => source.getMonitor(id),
        () => source.getRun('m', id),
      ]) {
        const error = await failureOf(work());
        expect(error).toBeInstanceOf(SkipMonitorError);
        expect(error.message).toContain('cannot stand in a URL');
      }
      expect(server.asked).toEqual([]);
    },
  );

  test('a key that no header can carry is named, not shown', async () => {
    const nowhere = { baseUrl: 'http://127.0.0.1:1' };
    const error = await failureOf(
      Promise.resolve().then(() => createSource(nowhere, { apiKey: 'se\ncret' })),
    );
    expect(error).toBeInstanceOf(StopCycleError);
    expect(error.message).toContain('EXA_API_KEY');
    expect(`${error.message}${String(error.cause)}`).not.toContain('cret');
  });
});

describe('a refused limit', () => {
  test('is given up for good, on that endpoint alone, and in later cycles too', async () => {
    const server = await startServer(refused, emptyPage);
    const limits = new ListLimits();
    const { source } = createSource(server, { limits });
    expect((await source.listRuns('mon_1', null)).runs).toEqual([]);
    await source.listRuns('mon_2', 'next');
    await source.listMonitors(null);
    await createSource(server, { limits }).source.listRuns('mon_3', null);
    expect(urls(server)).toEqual([
      '/websets/v0/monitors/mon_1/runs?limit=200',
      '/websets/v0/monitors/mon_1/runs',
      '/websets/v0/monitors/mon_2/runs?cursor=next',
      '/websets/v0/monitors?limit=200',
      '/websets/v0/monitors/mon_3/runs',
    ]);
  });

  test('on the listing does not end the cycle', async () => {
    const server = await startServer(refused, emptyPage);
    const { source } = createSource(server);
    await source.listMonitors(null);
    await source.listMonitors('next');
    expect(urls(server)).toEqual([
      '/websets/v0/monitors?limit=200',
      '/websets/v0/monitors',
      '/websets/v0/monitors?cursor=next',
    ]);
  });

  test('is not concluded from an answer that refuses without it as well', async () => {
    const server = await startServer(refused, refused, emptyPage);
    const { source } = createSource(server);
    const error = await failureOf(source.listRuns('mon_1', null));
    expect(error).toBeInstanceOf(SkipMonitorError);
    expect(error).not.toBeInstanceOf(CursorRefusedError);
    await source.listRuns('mon_2', null);
    expect(urls(server).at(-1)).toBe('/websets/v0/monitors/mon_2/runs?limit=200');
  });
});

describe('a refused cursor', () => {
  test.each([400, 404, 410, 422])('%d: the walk may start again', async (status) => {
    const server = await startServer(
      json({ message: 'invalid cursor' }, status, { 'x-request-id': 'req_9' }),
    );
    const error = await failureOf(createSource(server).source.listRuns('mon_1', 'old'));
    expect(error).toBeInstanceOf(CursorRefusedError);
    expect(error.message).toBe(
      `list runs of monitor mon_1: HTTP ${status} "invalid cursor" (request id req_9): the cursor is refused`,
    );
    expect(server.asked).toHaveLength(status === 400 ? 2 : 1);
  });

  test('another refusal is not the cursor', async () => {
    const server = await startServer(json({}, 414));
    const error = await failureOf(createSource(server).source.listRuns('mon_1', 'old'));
    expect(error).toBeInstanceOf(SkipMonitorError);
    expect(error).not.toBeInstanceOf(CursorRefusedError);
  });

  test('on the listing ends the cycle', async () => {
    const server = await startServer(json({ message: 'invalid cursor' }, 400));
    const { source } = createSource(server);
    await expect(source.listMonitors('old')).rejects.toBeInstanceOf(StopCycleError);
    await expect(source.listRuns('mon_1', null)).rejects.toBeInstanceOf(StopCycleError);
    expect(server.asked).toHaveLength(2);
  });
});
