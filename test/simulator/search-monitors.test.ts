import { describe, expect, it } from 'vitest';
import { createSimulatedAccount } from '../../src/simulator/account/account.ts';
import { generateAccount } from '../../src/simulator/account/generate-account.ts';
import { makeSearchOutput } from '../../src/simulator/search/made-up-output.ts';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import { createRandom } from '../../src/simulator/state/random.ts';
import { documentedSearchError, documentedSearchMonitor, documentedSearchRun } from './documented-schemas.ts';
import { anyPage, dayMs, minuteMs, readPages, serve, startMs } from './serve.ts';

const at = (ms: number) => new Date(ms).toISOString();
const hourMs = 60 * minuteMs;

function createAccount() {
  const clock = createManualClock(startMs);
  const account = createSimulatedAccount({ clock });
  return { clock, account, search: account.search };
}

describe('a run', () => {
  it('begins as running, ends by the clock, and says how long it took', async () => {
    const { account, search, clock } = createAccount();
    const { getSearch } = await serve({ account });
    const id = search.addMonitor();
    const output = { results: [], content: 'Nothing new', grounding: null };
    const runId = search.addRun(id, { outcome: { status: 'completed', atMs: startMs + 20_000, output } });
    const path = `/monitors/${id}/runs/${runId}`;
    const open = { output: null, failReason: null, completedAt: null, durationMs: null };
    const times = { createdAt: at(startMs), startedAt: at(startMs) };
    expect((await getSearch(path)).body).toMatchObject({ status: 'running', ...open, ...times });
    clock.advance(5000);
    expect((await getSearch(path)).body).toMatchObject({ status: 'running', updatedAt: at(startMs + 2) });
    clock.advance(15_000);
    expect(documentedSearchRun.parse((await getSearch(path)).body)).toEqual({
      id: runId,
      monitorId: id,
      status: 'completed',
      output,
      failReason: null,
      ...times,
      completedAt: at(startMs + 20_000),
      failedAt: null,
      cancelledAt: null,
      durationMs: 20_000,
      updatedAt: at(startMs + 20_000),
    });
  });

  it('can wait, be finished, changed, moved and deleted by hand', () => {
    const { search, clock } = createAccount();
    const [id, other] = [search.addMonitor(), search.addMonitor()];
    const [first, second] = [search.addRun(id, { startedAtMs: null }), search.addRun(id)];
    expect(search.runs(id).map((run) => run.status)).toEqual(['running', 'pending']);
    clock.advance(minuteMs);
    search.finishRun(id, first, { status: 'failed', failReason: 'moderation_blocked' });
    search.finishRun(id, second, { status: 'cancelled' });
    expect(search.runs(id)).toMatchObject([
      { status: 'cancelled', cancelledAt: at(clock.now()), durationMs: minuteMs },
      { status: 'failed', failedAt: at(clock.now()), failReason: 'moderation_blocked', durationMs: null },
    ]);
    clock.advance(minuteMs);
    search.moveRun(id, first, other);
    expect(search.runs(other)).toMatchObject([{ id: first, monitorId: other, updatedAt: at(clock.now()) }]);
    search.updateRun(id, second, { overlay: { fields: { cost: 1 } } });
    expect(search.servedRuns(id)).toMatchObject([{ id: second, cost: 1, updatedAt: at(clock.now()) }]);
    search.deleteRun(id, second);
    expect(search.runs(id)).toEqual([]);
  });

  it('has a ULID for an id, whose first ten characters are its creation', () => {
    const { search } = createAccount();
    const createdAtMs = Date.parse('2026-09-16T11:57:11.168Z');
    const id = search.addMonitor({ createdAtMs });
    expect(id).toMatch(/^01m2n17ym0[0-9a-hjkmnp-tv-z]{16}$/u);
    expect(search.addRun(id, { createdAtMs })).toMatch(/^01m2n17ym0[0-9a-hjkmnp-tv-z]{16}$/u);
  });

  it('may have the id of a run of the other API', async () => {
    const { account, search } = createAccount();
    const { get, getSearch } = await serve({ account });
    account.addMonitor({ id: 'both' });
    search.addMonitor({ id: 'both' });
    account.addRun('both', { id: 'same', outcome: 'failed' });
    search.addRun('both', { id: 'same', outcome: 'cancelled' });
    expect((await get('/monitors/both/runs/same')).body).toMatchObject({ status: 'failed' });
    expect((await getSearch('/monitors/both/runs/same')).body).toMatchObject({ status: 'cancelled' });
  });
});

describe('a trigger', () => {
  it('counts from the creation and comes up to half an hour late', () => {
    const { search, clock } = createAccount();
    const id = search.addMonitor({ trigger: { type: 'interval', period: '6h' } });
    clock.advance(10 * dayMs);
    const delays = search
      .runs(id)
      .toReversed()
      .map((run, index) => Date.parse(run.createdAt) - startMs - (index + 1) * 6 * hourMs);
    expect(delays.length).toBeGreaterThanOrEqual(39);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThan(30 * minuteMs);
    expect(new Set(delays).size).toBeGreaterThan(30);
  });

  it('shows when the next run is due, but not right after the creation', () => {
    const { search, clock } = createAccount();
    search.addMonitor({ trigger: { type: 'interval', period: '1h' }, lateMs: () => minuteMs });
    const nextRunAt = () => search.monitors()[0]?.nextRunAt;
    expect(nextRunAt()).toBeNull();
    clock.advance(minuteMs);
    expect(nextRunAt()).toBe(at(startMs + hourMs));
    clock.set(startMs + hourMs + 30_000);
    expect(nextRunAt()).toBe(at(startMs + hourMs));
    clock.advance(30_000);
    expect(nextRunAt()).toBe(at(startMs + 2 * hourMs));
  });

  it('cancels what is still going when the next run begins', () => {
    const { search, clock } = createAccount();
    const id = search.addMonitor({ trigger: { type: 'interval', period: '1h' }, lateMs: () => 0 });
    search.addRun(id, { id: 'done', outcome: 'completed' });
    search.addRun(id, { id: 'endless' });
    clock.advance(hourMs);
    expect(search.runs(id).map(({ id: runId, status }) => [runId, status])).toEqual([
      [expect.any(String), 'running'],
      ['endless', 'cancelled'],
      ['done', 'completed'],
    ]);
    expect(search.runs(id)[1]).toMatchObject({ cancelledAt: at(clock.now()), durationMs: hourMs });
  });

  it('rests while the monitor is paused, is by hand only when null, and may be for show', () => {
    const { search, clock } = createAccount();
    const paused = search.addMonitor({ status: 'paused' });
    const byHand = search.addMonitor({ trigger: null });
    const shown = search.addMonitor({ firesOnSchedule: false });
    clock.advance(3.5 * dayMs);
    expect([paused, byHand, shown].map((id) => search.runs(id).length)).toEqual([0, 0, 0]);
    expect(search.monitors().map(({ nextRunAt }) => nextRunAt)).toEqual([
      at(startMs + 4 * dayMs),
      null,
      null,
    ]);
    search.updateMonitor(paused, { status: 'active' });
    expect(search.findMonitor(paused)?.asOf(clock.now()).nextRunAt).toBe(at(startMs + 4 * dayMs));
  });

  it('by hand starts a run that looks like any other, unless the monitor is disabled', async () => {
    const { account, search } = createAccount();
    const { postSearch, getSearch } = await serve({ account });
    const paused = search.addMonitor({ status: 'paused' });
    const disabled = search.addMonitor({ status: 'disabled' });
    expect((await postSearch(`/monitors/${paused}/trigger`)).body).toEqual({ triggered: true });
    expect((await postSearch(`/monitors/${disabled}/trigger`)).body).toEqual({ triggered: false });
    expect((await postSearch('/monitors/none/trigger')).status).toBe(404);
    expect((await getSearch(`/monitors/${paused}/trigger`)).status).toBe(404);
    expect(search.runs(paused)).toHaveLength(1);
    expect(search.runs(disabled)).toEqual([]);
  });
});

describe('a monitor', () => {
  it('has no lastRun and no object, leaves out what was not given, and holds an address to keep secret', async () => {
    const { account, search } = createAccount();
    const { getSearch } = await serve({ account });
    const { body } = await getSearch(`/monitors/${search.addMonitor()}`);
    const monitor = documentedSearchMonitor.parse(body);
    expect(Object.keys(monitor.search)).toEqual(['query']);
    expect(Object.keys(monitor.webhook)).toEqual(['url']);
    expect(monitor.webhook.url).toMatch(/[a-z0-9]{24}$/u);
  });

  it.each([
    ['status=paused', ['b']],
    ['name=RULINGS', ['a', 'b']],
    ['metadata[team]=news&metadata[level]=2', ['a']],
    ['metadata[team]=new', []],
    ['status=active&name=rulings', ['a']],
  ])('is found by %s', async (query, expected) => {
    const { account, search } = createAccount();
    const { getSearch } = await serve({ account });
    search.addMonitor({ id: 'c' });
    search.addMonitor({ id: 'b', name: 'More rulings', status: 'paused', metadata: { team: 'news' } });
    search.addMonitor({ id: 'a', name: 'Rulings', metadata: { team: 'news', level: '2', x: '' } });
    expect(anyPage.parse((await getSearch(`/monitors?${query}`)).body).data.map(({ id }) => id)).toEqual(
      expected,
    );
  });
});

describe('a page', () => {
  it('has 50 rows by default and 100 at most', async () => {
    const { account, search } = createAccount();
    const { getSearch } = await serve({ account });
    const id = search.addMonitor();
    for (let run = 0; run < 120; run += 1) {
      search.addRun(id, { createdAtMs: startMs - run * minuteMs });
    }
    const all = search.runs(id).map((run) => run.id);
    expect(anyPage.parse((await getSearch(`/monitors/${id}/runs`)).body).data).toHaveLength(50);
    expect((await readPages(getSearch, `/monitors/${id}/runs`, 100)).flat()).toEqual(all);
  });

  it.each(['limit=0', 'limit=101', 'limit=2.5', 'cursor=', 'cursor=made-up'])(
    'is refused in the words of this API: %s',
    async (query) => {
      const { account, search } = createAccount();
      const { getSearch } = await serve({ account });
      const id = search.addMonitor();
      for (const path of ['/monitors', `/monitors/${id}/runs`]) {
        const answer = await getSearch(`${path}?${query}`);
        expect(answer.status).toBe(400);
        const error = documentedSearchError.parse(answer.body);
        expect(error).toMatchObject({ tag: 'INVALID_REQUEST_QUERY' });
        expect(error.error.toLowerCase()).toContain(query.split('=')[0]);
        expect(answer.headers.get('x-request-id')).toBe(error.requestId);
      }
    },
  );

  it.each([
    ['null', [true, true]],
    ['missing', [false, false]],
    ['either', [true, false]],
  ] as const)('at the end of a list says so with a cursor that is %s', async (lastCursor, hasCursor) => {
    const { account, search } = createAccount();
    search.quirks.lastCursor = lastCursor;
    const { getSearch } = await serve({ account });
    const pages = [await getSearch('/monitors'), await getSearch('/monitors')];
    expect(pages.map(({ body }) => Object.keys(body ?? {}).includes('nextCursor'))).toEqual(hasCursor);
  });
});

describe('an output', () => {
  const outputs = Array.from({ length: 400 }, (_, seed) => makeSearchOutput(createRandom(seed)));
  const results = outputs.flatMap((output) => output.results ?? []);
  const has = (found: (output: (typeof outputs)[number]) => boolean) => outputs.some(found);

  it('comes in every shape', () => {
    expect(has(({ results: list }) => list === null)).toBe(true);
    expect(has((output) => !('results' in output))).toBe(true);
    expect(has(({ results: list }) => list?.length === 0)).toBe(true);
    expect(has(({ content }) => typeof content === 'string')).toBe(true);
    expect(has(({ content }) => typeof content === 'object' && content !== null)).toBe(true);
    for (const field of ['url', 'title', 'author', 'publishedDate']) {
      expect(results.some((result) => !(field in result))).toBe(true);
    }
    expect(results.some(({ title }) => title === null)).toBe(true);
    const dates = results.flatMap(({ publishedDate }) =>
      typeof publishedDate === 'string' ? publishedDate : [],
    );
    expect(new Set(dates.map((date) => date.length)).size).toBe(5);
    expect(dates.filter((date) => Number.isNaN(Date.parse(date))).length).toBeGreaterThan(0);
  });

  it('cites pages that are not among the results', () => {
    const foreign = outputs.flatMap(({ results: list, grounding }) => {
      const found = new Set(list?.map(({ id }) => id));
      const cited = (grounding ?? []).flatMap(({ citations }) => citations);
      return found.size === 0 ? [] : cited.filter(({ url }) => !found.has(url));
    });
    expect(foreign.length).toBeGreaterThan(0);
  });

  it('is large where page text was asked for', () => {
    const clock = createManualClock(startMs);
    const { search } = generateAccount({
      monitors: 0,
      runsPerMonitor: 0,
      searchMonitors: 2,
      runsPerSearchMonitor: 20,
      textLength: 10_000,
      clock,
    });
    const runs = search.monitorIds().flatMap((id) => search.runs(id));
    expect(JSON.stringify(runs).length).toBeGreaterThan(400_000);
    expect(search.monitors()[0]?.search.contents).toEqual({ text: { maxCharacters: 10_000 } });
  });
});
