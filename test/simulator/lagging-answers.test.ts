/** Sound-looking answers that are behind, or that lack something: each on both APIs. */
import { describe, expect, it } from 'vitest';
import { createSimulatedAccount } from '../../src/simulator/account/account.ts';
import { createFaultPlan } from '../../src/simulator/answers/fault-plan.ts';
import type { Api, Fault } from '../../src/simulator/answers/faults.ts';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import { anyPage, minuteMs, readPages, serve, startMs } from './serve.ts';

/** One monitor `m` with runs r4 (newest) … r0, all open; the same calls serve either API. */
async function serveFiveRuns(api: Api) {
  const clock = createManualClock(startMs);
  const account = createSimulatedAccount({ clock });
  const served = await serve({ account });
  const side = api === 'websets' ? account : account.search;
  side.addMonitor({ id: 'm', createdAtMs: startMs - 20 * minuteMs, firesOnSchedule: false });
  for (let index = 0; index < 5; index += 1) {
    side.addRun('m', { id: `r${index}`, createdAtMs: startMs - (5 - index) * minuteMs });
  }
  const get = api === 'websets' ? served.get : served.getSearch;
  const list = async (limit = 100) => (await readPages(get, '/monitors/m/runs', limit)).flat();
  const setFault = (fault: Fault | null) => served.simulator.setFaults(() => fault);
  return { ...served, clock, account, side, get, list, setFault };
}

const all = ['r4', 'r3', 'r2', 'r1', 'r0'];

describe.each(['websets', 'search'] as const)('a replica of %s that lags', (api) => {
  it('shows a run as it was, in pages and gets', async () => {
    const { side, get, setFault, clock } = await serveFiveRuns(api);
    side.finishRun('m', 'r4', { status: 'failed' });
    const [path, pagePath] = ['/monitors/m/runs/r4', '/monitors/m/runs?limit=1'];
    expect((await get(path)).body).toMatchObject({ status: 'failed' });
    setFault({ kind: 'lag', byMs: 1 });
    expect((await get(path)).body).not.toMatchObject({ status: 'failed' });
    expect((await get(pagePath)).body).not.toMatchObject({ data: [{ status: 'failed' }] });
    clock.advance(1);
    expect((await get(pagePath)).body).toMatchObject({ data: [{ status: 'failed' }] });
  });

  it('shows a run without the changes made by hand since', async () => {
    const { side, get, setFault, clock } = await serveFiveRuns(api);
    side.updateRun('m', 'r4', { overlay: { fields: { note: 1 } } });
    clock.advance(minuteMs);
    side.updateRun('m', 'r4', { overlay: { fields: { note: 2 } } });
    clock.advance(minuteMs);
    const notes: unknown[] = [];
    for (const byMs of [0, minuteMs + 1, 2 * minuteMs + 1]) {
      setFault({ kind: 'lag', byMs });
      notes.push((await get('/monitors/m/runs/r4')).body);
    }
    expect(notes).toMatchObject([{ note: 2 }, { note: 1 }, {}]);
    expect(notes[2]).not.toHaveProperty('note');
  });

  it('lacks what came since', async () => {
    const { side, get, list, setFault } = await serveFiveRuns(api);
    side.addRun('m', { id: 'new' });
    side.addMonitor({ id: 'n' });
    setFault({ kind: 'lag', byMs: 1 });
    expect(await list()).toEqual(all);
    expect((await get('/monitors/m/runs/new')).status).toBe(404);
    expect((await get('/monitors/n')).status).toBe(404);
    expect(anyPage.parse((await get('/monitors')).body).data).toHaveLength(1);
    setFault(null);
    expect(await list()).toEqual(['new', ...all]);
  });
});

describe.each(['websets', 'search'] as const)('an answer of %s', (api) => {
  it('can be a false 404 for one run, as often as told', async () => {
    const { get, simulator } = await serveFiveRuns(api);
    const fault = { kind: 'status', status: 404 } as const;
    simulator.setFaults(createFaultPlan({ rules: [{ api, endpoint: 'run', runId: 'r2', fault, times: 2 }] }));
    const statuses = [];
    for (const id of ['r1', 'r2', 'r2', 'r2']) {
      statuses.push((await get(`/monitors/m/runs/${id}`)).status);
    }
    expect(statuses).toEqual([200, 404, 404, 200]);
  });

  it('can hide runs that exist', async () => {
    const { get, list, setFault } = await serveFiveRuns(api);
    setFault({ kind: 'hideRuns', runIds: ['r4', 'r1'] });
    expect(await list(2)).toEqual(['r3', 'r2', 'r0']);
    expect((await get('/monitors/m/runs/r4')).status).toBe(404);
    expect((await get('/monitors/m/runs/r3')).status).toBe(200);
  });

  it('can be an empty list by mistake', async () => {
    const { list, get, setFault } = await serveFiveRuns(api);
    setFault({ kind: 'emptyList' });
    expect(await list()).toEqual([]);
    expect((await get('/monitors')).body).toMatchObject({ data: [], hasMore: false });
  });

  it('can show a final status that nobody knows', async () => {
    const { side, get, clock } = await serveFiveRuns(api);
    const overlay = { fields: { status: 'expired', completedAt: null } };
    side.finishRun('m', 'r4', { status: 'completed', atMs: startMs + minuteMs, overlay });
    const path = '/monitors/m/runs/r4';
    expect((await get(path)).body).not.toMatchObject({ status: 'expired' });
    clock.advance(minuteMs);
    expect((await get(path)).body).toMatchObject({ status: 'expired', completedAt: null });
  });

  it('can hold integers that no double holds', async () => {
    const { side, get } = await serveFiveRuns(api);
    side.updateRun('m', 'r4', { overlay: { verbatim: { cost: '{"units":9007199254740993}' } } });
    side.updateMonitor('m', { overlay: { verbatim: { metadata: '{"big":12345678901234567890}' } } });
    for (const path of ['/monitors/m/runs/r4', '/monitors/m/runs']) {
      expect((await get(path)).text).toContain('"cost":{"units":9007199254740993}');
    }
    expect((await get('/monitors')).text).toContain('"metadata":{"big":12345678901234567890}');
  });

  it('can date two runs within one millisecond, to the microsecond', async () => {
    const { side, get } = await serveFiveRuns(api);
    side.addRun('m', { id: 'later', createdAtMs: startMs + 0.5 - minuteMs });
    side.addRun('m', { id: 'earlier', createdAtMs: startMs + 0.125 - minuteMs });
    const page = anyPage.parse((await get('/monitors/m/runs?limit=3')).body);
    expect(page.data.map(({ id, createdAt }) => [id, createdAt])).toEqual([
      ['later', '2026-03-02T11:59:00.000500Z'],
      ['earlier', '2026-03-02T11:59:00.000125Z'],
      ['r4', '2026-03-02T11:59:00.000Z'],
    ]);
    expect((await readPages(get, '/monitors/m/runs', 1)).flat()).toEqual(['later', 'earlier', ...all]);
  });

  it('can show a run under another monitor than before', async () => {
    const { side, get, list } = await serveFiveRuns(api);
    side.addMonitor({ id: 'n' });
    side.moveRun('m', 'r4', 'n');
    expect(await list()).toEqual(all.slice(1));
    expect((await get('/monitors/m/runs/r4')).status).toBe(404);
    expect((await get('/monitors/n/runs/r4')).body).toMatchObject({ monitorId: 'n' });
  });
});
