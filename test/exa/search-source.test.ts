import { describe, expect, test } from 'vitest';
import { fetchTeam } from '../../src/exa/fetch-team.ts';
import { InterruptedError } from '../../src/sync/errors.ts';
import { apiSearchMonitor, apiSearchRun } from './exa-objects.ts';
import { emptyPage, html, json, startServer, text } from './scripted-server.ts';
import { createSearch, createSource, sourceOptions } from './source-under-test.ts';

const urls = (server: { asked: { url: string }[] }) => server.asked.map(({ url }) => url);

describe('Search Monitors', () => {
  test('are asked for where they are, a hundred at a time', async () => {
    const server = await startServer(emptyPage, emptyPage, json(apiSearchMonitor()), json(apiSearchRun()));
    const { source } = createSearch(server, { pageSize: 200 });
    await source.listMonitors(null);
    await source.listRuns('mon_1', 'a=b');
    expect(await source.getMonitor('mon_1')).toMatchObject({ websetId: null });
    expect((await source.getRun('mon_1', 'run_1')).run?.startedAt).toBe('2026-01-02T03:04:05.123Z');
    expect(urls(server)).toEqual([
      '/monitors?limit=100',
      '/monitors/mon_1/runs?limit=100&cursor=a%3Db',
      '/monitors/mon_1',
      '/monitors/mon_1/runs/run_1',
    ]);
  });

  test('say what the source can do', async () => {
    const server = await startServer(emptyPage);
    expect(createSearch(server).source.traits).toEqual({
      pageSize: 100,
      showsNewestRun: false,
      promisesNewestFirst: true,
      runsCarryOutput: true,
    });
    expect(createSearch(server, { outputs: 'none', pageSize: 7 }).source.traits).toMatchObject({
      pageSize: 7,
      runsCarryOutput: false,
    });
    expect(createSource(server).source.traits.pageSize).toBe(200);
  });

  test.each([{ hasMore: false }, { hasMore: false, nextCursor: null }])(
    'the end of a list is told with or without a cursor: %j',
    async (paging) => {
      const server = await startServer(json({ data: [apiSearchRun()], ...paging }));
      const page = await createSearch(server).source.listRuns('mon_1', null);
      expect(page).toMatchObject({ runs: [{ id: 'run_1' }], hasMore: false, nextCursor: null });
    },
  );
});

describe('the team of a key', () => {
  test('is asked for by id and name', async () => {
    const server = await startServer(json({ object: 'team', id: 'team_1', name: 'Growth' }));
    expect(await fetchTeam(sourceOptions(server).options)).toEqual({ id: 'team_1', name: 'Growth' });
    expect(urls(server)).toEqual(['/websets/v0/teams/me']);
  });

  test.each([
    ['404', json({ error: 'no such path' }, 404)],
    ['401', json({ error: 'Invalid API key' }, 401)],
    ['403 for the plan', json({ error: 'Upgrade to a Pro plan' }, 403)],
    ['a page for people', html(200)],
    ['something else', json({ teams: [] })],
    ['nothing', text('')],
  ])('is unknown when the API answers with %s', async (_what, reply) => {
    const server = await startServer(reply);
    const { options, time } = sourceOptions(server);
    expect(await time.until(fetchTeam(options))).toBeNull();
  });

  test('is not waited for by who asked to stop', async () => {
    const server = await startServer(emptyPage);
    const { options } = sourceOptions(server, { signal: AbortSignal.abort() });
    await expect(fetchTeam(options)).rejects.toBeInstanceOf(InterruptedError);
  });
});
