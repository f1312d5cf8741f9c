/** Lists whose order and cursors are not what a client hopes for: each on both APIs. */
import { describe, expect, it } from 'vitest';
import { createSimulatedAccount } from '../../src/simulator/account/account.ts';
import type { Api } from '../../src/simulator/answers/faults.ts';
import type { RunOrder } from '../../src/simulator/answers/list-order.ts';
import type { CursorStyle } from '../../src/simulator/answers/paging.ts';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import { anyPage, minuteMs, readPages, serve, startMs } from './serve.ts';

/** One monitor `m` with runs r6 (newest) … r0, all open. */
async function serveSevenRuns(api: Api, quirks: { runOrder?: RunOrder; cursors?: CursorStyle }) {
  const clock = createManualClock(startMs);
  const account = createSimulatedAccount({ clock, quirks, searchQuirks: quirks });
  const served = await serve({ account });
  const side = api === 'websets' ? account : account.search;
  side.addMonitor({ id: 'm', createdAtMs: startMs - 20 * minuteMs, firesOnSchedule: false });
  for (let index = 0; index < 7; index += 1) {
    side.addRun('m', { id: `r${index}`, createdAtMs: startMs - (7 - index) * minuteMs });
  }
  const get = api === 'websets' ? served.get : served.getSearch;
  const page = async (limit: number, cursor: string | null = null) => {
    const next = cursor === null ? '' : `&cursor=${cursor}`;
    const { body, status } = await get(`/monitors/m/runs?limit=${limit}${next}`);
    const parsed = status === 200 ? anyPage.parse(body) : { data: [], nextCursor: null, hasMore: false };
    return { status, body, ids: parsed.data.map(({ id }) => id), nextCursor: parsed.nextCursor };
  };
  return { ...served, clock, account, side, get, page };
}

const all = ['r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0'];
const positional: CursorStyle[] = ['keyset', 'offset', 'page', 'snapshot', 'same'];

describe.each(['websets', 'search'] as const)('a list of %s', (api) => {
  it.each(positional)('is covered once by cursors of the style %s while nothing changes', async (cursors) => {
    const { get } = await serveSevenRuns(api, { cursors });
    for (const limit of [1, 3, 7, 100]) {
      expect((await readPages(get, '/monitors/m/runs', limit)).flat()).toEqual(all);
    }
    expect((await get('/monitors/m/runs?cursor=made-up')).status).toBe(400);
  });

  it('can be in the order of `updatedAt`', async () => {
    const { get, side } = await serveSevenRuns(api, { runOrder: 'updatedAt' });
    side.finishRun('m', 'r1', { status: 'completed' });
    const expected = ['r1', ...all.filter((id) => id !== 'r1')];
    expect((await readPages(get, '/monitors/m/runs', 2)).flat()).toEqual(expected);
  });

  it('can rise late: the newest come after older ones', async () => {
    const { get } = await serveSevenRuns(api, { runOrder: { newest: 2, atRank: 3 } });
    const expected = ['r4', 'r3', 'r2', 'r6', 'r5', 'r1', 'r0'];
    expect((await readPages(get, '/monitors/m/runs', 3)).flat()).toEqual(expected);
  });

  it('is pinned by a snapshot: later pages show it as it was, rows too', async () => {
    const { page, side } = await serveSevenRuns(api, { cursors: 'snapshot' });
    const first = await page(3);
    side.addRun('m', { id: 'new' });
    side.finishRun('m', 'r3', { status: 'failed' });
    side.deleteRun('m', 'r2');
    const second = await page(3, first.nextCursor);
    expect(second.ids).toEqual(['r3', 'r2', 'r1']);
    expect(second.body).not.toMatchObject({ data: [{ status: 'failed' }, {}, {}] });
    expect((await page(3)).ids).toEqual(['new', 'r6', 'r5']);
  });

  it('has a gap when the size of the page changes and cursors count pages', async () => {
    const { page } = await serveSevenRuns(api, { cursors: 'page' });
    const first = await page(2);
    expect((await page(2, first.nextCursor)).ids).toEqual(['r4', 'r3']);
    expect((await page(4, first.nextCursor)).ids).toEqual(['r2', 'r1', 'r0']);
  });

  it('has one cursor for every position, and the server goes on from where it was', async () => {
    const { page } = await serveSevenRuns(api, { cursors: 'same' });
    const first = await page(2);
    const second = await page(2, first.nextCursor);
    const third = await page(2, first.nextCursor);
    expect([second.nextCursor, third.nextCursor]).toEqual([first.nextCursor, first.nextCursor]);
    expect([first.ids, second.ids, third.ids]).toEqual([all.slice(0, 2), all.slice(2, 4), all.slice(4, 6)]);
    expect((await page(2)).ids).toEqual(all.slice(0, 2));
    expect((await page(2, first.nextCursor)).ids).toEqual(all.slice(2, 4));
  });

  it('of monitors passes over one when another is deleted between pages that count rows', async () => {
    const { get, side, account } = await serveSevenRuns(api, {});
    account.quirks.monitorCursors = 'offset';
    account.search.quirks.monitorCursors = 'offset';
    for (const [index, id] of ['a', 'b', 'c'].entries()) {
      side.addMonitor({ id, createdAtMs: startMs - 10 * minuteMs - index });
    }
    const first = anyPage.parse((await get('/monitors?limit=2')).body);
    expect(first.data.map(({ id }) => id)).toEqual(['a', 'b']);
    side.deleteMonitor('a');
    const second = anyPage.parse((await get(`/monitors?limit=2&cursor=${first.nextCursor}`)).body);
    expect(second.data.map(({ id }) => id)).toEqual(['m']);
  });
});
