/** What an API that refuses means: the key, the plan, the credits, or a gateway that wants to be left alone for a while. */
import { describe, expect, test } from 'vitest';
import { ApiRefusedError } from '../../src/exa/http/errors.ts';
import { SkipMonitorError, SourceUnavailableError } from '../../src/sync/errors.ts';
import { emptyPage, html, json, startServer, text } from './scripted-server.ts';
import { createSource, failureOf } from './source-under-test.ts';

const recordedBadKey = { requestId: 'b5947044c4b78efa', error: 'x-api-key header is invalid' };

describe('a bad key', () => {
  test.each([
    [400, recordedBadKey],
    [400, { requestId: 'b5947044c4b78efa', error: 'Missing API key' }],
    [401, { requestId: 'b5947044c4b78efa', error: 'Invalid API key', tag: 'INVALID_API_KEY' }],
  ])('that is refused with %i costs one request and stops everything', async (status, body) => {
    const server = await startServer(json(body, status));
    const { source } = createSource(server, { keyName: 'EXA_API_KEY_B' });
    const error = await failureOf(source.listMonitors(null));
    expect(error).toBeInstanceOf(ApiRefusedError);
    expect(error.message).toBe(
      `list monitors: HTTP ${status} "${body.error}" (request id b5947044c4b78efa): the API does not accept the key: check EXA_API_KEY_B`,
    );
    expect(await failureOf(source.listRuns('mon_1', null))).toBe(error);
    expect(server.asked).toHaveLength(1);
  });

  test('is not what any other 400 is about', async () => {
    const server = await startServer(json({ message: 'property limit should not exist' }, 400), emptyPage);
    expect((await createSource(server).source.listRuns('mon_1', null)).runs).toEqual([]);
  });
});

describe('an API that is not in the plan', () => {
  test.each([
    [401, { error: 'Upgrade to a Pro plan to use Websets' }],
    [402, { error: 'This endpoint needs a paid plan', tag: 'DEFAULT_ERROR' }],
    [403, { error: 'Forbidden', tag: 'FEATURE_DISABLED' }],
    [403, { error: 'Snapshots are not included', tag: 'SNAPSHOT_NOT_ON_PLAN' }],
  ])('%i %j is told from a refused key', async (status, body) => {
    const server = await startServer(json(body, status));
    const { source } = createSource(server);
    const error = await failureOf(source.listMonitors(null));
    expect(error).toBeInstanceOf(SourceUnavailableError);
    expect(error.message).toContain('the plan of this account does not include this API');
    expect(await failureOf(source.listMonitors(null))).toBe(error);
    expect(server.asked).toHaveLength(1);
  });

  test.each([
    [402, { error: 'You have no credits left. Upgrade your plan.', tag: 'NO_MORE_CREDITS' }],
    [402, { error: 'Over budget', tag: 'TEAM_BUDGET_EXCEEDED' }],
    [403, { error: 'Not allowed', tag: 'INSUFFICIENT_SCOPE' }],
    [403, {}],
  ])('%i %j is a refusal', async (status, body) => {
    const server = await startServer(json(body, status));
    expect(await failureOf(createSource(server).source.listMonitors(null))).toBeInstanceOf(ApiRefusedError);
  });
});

describe('403 of a gateway', () => {
  test('with Retry-After is a pause for everybody', async () => {
    const server = await startServer(json({ error: 'slow down' }, 403, { 'retry-after': '20' }), emptyPage);
    const { source, time, events } = createSource(server);
    const startedAtMs = time.now();
    await time.until(source.listRuns('mon_1', null));
    expect(time.now() - startedAtMs).toBe(20_000);
    expect(events.filter(({ type }) => type !== 'request')).toMatchObject([
      { type: 'retry', reason: 'http_403' },
      { type: 'wait', ms: 20_000, why: 'pause' },
    ]);
  });

  test('that is a challenge page is tried again, and is not taken for a wrong key', async () => {
    const server = await startServer(html(403), emptyPage);
    const { source, time } = createSource(server);
    expect((await time.until(source.listRuns('mon_1', null))).runs).toEqual([]);
    const walled = await startServer(html(403));
    const other = createSource(walled);
    const error = await failureOf(other.time.until(other.source.listRuns('mon_1', null)));
    expect(error).toBeInstanceOf(SkipMonitorError);
    expect(error.message).toContain('HTTP 403 from a gateway; given up after 6 attempts');
  });
});

test.each([
  ['the head', text('{"message":"no"}', 422, { 'x-request-id': 'head' }), 'head'],
  ['the body', text('{"message":"no","requestId":"body"}', 422), 'body'],
  ['both', text('{"message":"no","requestId":"body"}', 422, { 'x-request-id': 'head' }), 'head'],
])('the id of a request that %s tells is in the message', async (_where, reply, id) => {
  const server = await startServer(reply);
  const { message } = await failureOf(createSource(server).source.listRuns('mon_1', null));
  expect(message).toBe(`list runs of monitor mon_1: HTTP 422 "no" (request id ${id})`);
});
