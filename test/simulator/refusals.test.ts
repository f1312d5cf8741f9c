import { describe, expect, it } from 'vitest';
import { createFaultPlan } from '../../src/simulator/answers/fault-plan.ts';
import type { Api } from '../../src/simulator/answers/faults.ts';
import { documentedError, documentedSearchError, documentedTeam } from './documented-schemas.ts';
import { serve } from './serve.ts';
import type { Served } from './serve.ts';

/** What either API answers to a listing. */
async function statusesOf({ get, getSearch }: Served): Promise<Record<Api, number>> {
  return { websets: (await get('/monitors')).status, search: (await getSearch('/monitors')).status };
}

describe('a refusal', () => {
  it.each([
    ['badKey', 401],
    ['badKey400', 400],
    ['credits', 402],
    ['plan', 403],
  ] as const)('can be of one API alone: %s', async (because, status) => {
    const served = await serve();
    for (const api of ['websets', 'search'] as const) {
      served.simulator.setFaults(createFaultPlan({ rules: [{ api, fault: { kind: 'refuse', because } }] }));
      expect(await statusesOf(served)).toEqual({ websets: 200, search: 200, [api]: status });
    }
  });

  it('has the words of its API', async () => {
    const { get, getSearch, simulator } = await serve();
    simulator.setFaults(() => ({ kind: 'refuse', because: 'plan' }));
    expect(documentedError.parse((await get('/monitors')).body).message).toContain('Upgrade to a Pro plan');
    expect(documentedSearchError.parse((await getSearch('/monitors')).body).tag).toBe('FEATURE_DISABLED');
    simulator.setFaults(() => ({ kind: 'refuse', because: 'credits' }));
    expect(documentedError.parse((await get('/monitors')).body).statusCode).toBe(402);
    expect(documentedSearchError.parse((await getSearch('/monitors')).body).tag).toBe('NO_MORE_CREDITS');
  });

  it('of a wrong key is 401 as documented', async () => {
    const { get, getSearch } = await serve();
    const wrong = { 'x-api-key': 'other' };
    expect(documentedError.parse((await get('/monitors', wrong)).body).statusCode).toBe(401);
    const answer = await getSearch('/monitors', wrong);
    expect(answer.status).toBe(401);
    expect(documentedSearchError.parse(answer.body).tag).toBe('INVALID_API_KEY');
  });

  it('of a wrong key can be 400 as recorded', async () => {
    const { get, getSearch } = await serve({ badKeyStatus: 400 });
    for (const answer of [await get('/monitors', {}), await getSearch('/monitors', {})]) {
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({
        requestId: expect.any(String),
        error: 'x-api-key header is invalid',
      });
    }
  });
});

describe('the team', () => {
  it('is whose key it is', async () => {
    const { account, get } = await serve();
    account.team = { id: 'team-abc123', name: 'Research' };
    const team = documentedTeam.parse((await get('/teams/me')).body);
    expect(team).toMatchObject({ object: 'team', id: 'team-abc123', name: 'Research' });
  });

  it.each([403, 404])('can be refused alone with %i', async (status) => {
    const served = await serve();
    const fault = { kind: 'status', status } as const;
    served.simulator.setFaults(createFaultPlan({ rules: [{ endpoint: 'team', fault }] }));
    expect((await served.get('/teams/me')).status).toBe(status);
    expect(await statusesOf(served)).toEqual({ websets: 200, search: 200 });
  });

  it('can be something that the API does not know', async () => {
    const { account, get } = await serve();
    account.team = null;
    const [answer, unknown] = [await get('/teams/me'), await get('/teams/none')];
    expect(answer.status).toBe(404);
    expect(Object.keys(documentedError.parse(answer.body))).toEqual(Object.keys(unknown.body ?? {}));
  });
});

describe('a request of the Search API', () => {
  it('answers 404 for what is not there', async () => {
    const { account, getSearch } = await serve();
    const id = account.search.addMonitor();
    const ofWebsets = account.addMonitor();
    for (const path of ['/none', '/none/runs', `/${id}/runs/none`, `/${ofWebsets}`, `/${id}/none`]) {
      const answer = await getSearch(`/monitors${path}`);
      expect(answer.status).toBe(404);
      expect(documentedSearchError.parse(answer.body).tag).toBe('NOT_FOUND');
    }
  });

  it('counts as one of that API', async () => {
    const { get, getSearch, postSearch, simulator } = await serve();
    await get('/monitors');
    await getSearch('/monitors?limit=100');
    await postSearch('/monitors/none/trigger');
    expect(simulator.requests.counts).toMatchObject({
      byApi: { websets: 1, search: 2 },
      byEndpoint: { monitors: 2, trigger: 1, other: 0 },
    });
    expect(simulator.requests.entries[1]).toMatchObject({ api: 'search', endpoint: 'monitors', limit: 100 });
  });
});

it('answers without `X-Request-Id` when told to, as was recorded', async () => {
  const { get, getSearch } = await serve({ requestIdHeader: false });
  for (const answer of [await get('/monitors'), await getSearch('/monitors'), await get('/%E0%A4%A')]) {
    expect(answer.headers.get('x-request-id')).toBeNull();
  }
});
