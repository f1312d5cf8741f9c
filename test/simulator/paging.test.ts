import { describe, expect, it } from 'vitest';
import { createSimulatedAccount } from '../../src/simulator/account/account.ts';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import { documentedMonitor, documentedPage, documentedRun } from './documented-schemas.ts';
import { anyPage, minuteMs, readPages, serve, startMs } from './serve.ts';
import type { Served } from './serve.ts';

/** Runs r0 … r(n-1), created a minute apart, the last one now. */
function addRuns({ account }: Pick<Served, 'account'>, monitorId: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    account.addRun(monitorId, {
      id: `r${index}`,
      createdAtMs: startMs - (count - 1 - index) * minuteMs,
      outcome: 'completed',
    }),
  );
}

describe('a page of runs', () => {
  it('has 25 rows by default, newest first, as documented', async () => {
    const served = await serve();
    const id = served.account.addMonitor();
    const newestFirst = addRuns(served, id, 30).toReversed();
    const { body } = await served.get(`/monitors/${id}/runs`);
    const page = documentedPage(documentedRun).parse(body);
    expect(page.data.map((run) => run.id)).toEqual(newestFirst.slice(0, 25));
    expect(page.hasMore).toBe(true);
  });

  it.each([1, 7, 29, 30, 31, 200])('covers the list once with a limit of %i', async (limit) => {
    const served = await serve();
    const id = served.account.addMonitor();
    const newestFirst = addRuns(served, id, 30).toReversed();
    const pages = await readPages(served.get, `/monitors/${id}/runs`, limit);
    expect(pages.flat()).toEqual(newestFirst);
    expect(pages).toHaveLength(Math.ceil(30 / limit));
  });

  it('is cut safely inside a group of equal creation times', async () => {
    const served = await serve();
    const id = served.account.addMonitor();
    const ids = Array.from({ length: 20 }, () => served.account.addRun(id, { createdAtMs: startMs }));
    const pages = await readPages(served.get, `/monitors/${id}/runs`, 3);
    expect(pages.flat()).toEqual(ids.toReversed());
  });

  it('does not shift when runs are added while it is read', async () => {
    const served = await serve();
    const id = served.account.addMonitor();
    const newestFirst = addRuns(served, id, 6).toReversed();
    served.simulator.setFaults(() => {
      served.account.addRun(id);
      return null;
    });
    const pages = await readPages(served.get, `/monitors/${id}/runs`, 3);
    expect(pages.flat().slice(1)).toEqual(newestFirst);
    expect(served.account.runs(id)).toHaveLength(6 + pages.length);
  });

  it('shifts rows onto the next page when cursors count rows', async () => {
    const clock = createManualClock(startMs);
    const account = createSimulatedAccount({ clock, quirks: { cursors: 'offset' } });
    const { get } = await serve({ account });
    const id = account.addMonitor();
    addRuns({ account }, id, 6);
    const first = anyPage.parse((await get(`/monitors/${id}/runs?limit=3`)).body);
    account.addRun(id);
    const second = anyPage.parse((await get(`/monitors/${id}/runs?limit=3&cursor=${first.nextCursor}`)).body);
    expect(second.data[0]?.id).toBe(first.data[2]?.id);
  });

  it('can come in ascending order', async () => {
    const served = await serve();
    const id = served.account.addMonitor();
    const ids = addRuns(served, id, 10);
    served.account.quirks.runOrder = 'ascending';
    expect((await readPages(served.get, `/monitors/${id}/runs`, 4)).flat()).toEqual(ids);
  });

  it('is empty for a monitor without runs', async () => {
    const { account, get } = await serve();
    const id = account.addMonitor();
    const { body } = await get(`/monitors/${id}/runs`);
    expect(body).toEqual({ data: [], hasMore: false, nextCursor: null });
  });
});

describe('a page of monitors', () => {
  it('has 25 rows by default, newest first, as documented', async () => {
    const { account, clock, get } = await serveWithMonitors(30);
    clock.advance(minuteMs);
    const page = documentedPage(documentedMonitor).parse((await get('/monitors')).body);
    expect(page.data.map((monitor) => monitor.id)).toEqual(account.monitorIds().slice(0, 25));
    expect(page.hasMore).toBe(true);
  });

  it('covers the list once at any limit', async () => {
    const { account, get } = await serveWithMonitors(30);
    expect((await readPages(get, '/monitors', 4)).flat()).toEqual(account.monitorIds());
  });

  it('can be of one webset', async () => {
    const { account, get } = await serveWithMonitors(30);
    const wanted = account.addMonitor({ websetId: 'webset_other' });
    const { body } = await get('/monitors?websetId=webset_other');
    expect(anyPage.parse(body).data.map((monitor) => monitor.id)).toEqual([wanted]);
  });
});

async function serveWithMonitors(
  count: number,
): Promise<Served & { clock: ReturnType<typeof createManualClock> }> {
  const clock = createManualClock(startMs);
  const account = createSimulatedAccount({ clock });
  for (let index = 0; index < count; index += 1) {
    account.addMonitor();
  }
  return { ...(await serve({ account })), clock };
}

it('serves ids that need escaping in a path', async () => {
  const { account, get } = await serve();
  const monitorId = 'a/b%c?d#e"f\'g h&i;é';
  account.addMonitor({ id: monitorId });
  account.addRun(monitorId, { id: `run ${monitorId}` });
  const path = `/monitors/${encodeURIComponent(monitorId)}`;
  expect((await get(path)).body).toMatchObject({ id: monitorId });
  expect(await readPages(get, `${path}/runs`, 200)).toEqual([[`run ${monitorId}`]]);
  expect((await get(`${path}/runs/${encodeURIComponent(`run ${monitorId}`)}`)).body).toMatchObject({
    monitorId,
  });
});
