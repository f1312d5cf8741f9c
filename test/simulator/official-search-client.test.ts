/** Fidelity of the Search Monitors API, proved by a client that this project did not write. */
import { Exa } from 'exa-js';
import type { SearchMonitor, SearchMonitorRun } from 'exa-js';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { generateAccount } from '../../src/simulator/account/generate-account.ts';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import type { ServedSearchMonitor, ServedSearchRun } from '../../src/simulator/search/wire.ts';
import { documentedSearchMonitor, documentedSearchPage, documentedSearchRun } from './documented-schemas.ts';
import { apiKey, minuteMs, serve, startMs } from './serve.ts';

async function serveGenerated() {
  const clock = createManualClock(startMs);
  const account = generateAccount({
    monitors: 2,
    runsPerMonitor: 3,
    searchMonitors: 130,
    runsPerSearchMonitor: 120,
    clock,
  });
  const served = await serve({ account });
  return { ...served, clock, search: account.search, exa: new Exa(apiKey, served.simulator.url) };
}

type Open = 'failReason' | 'output' | 'status';

it('has records of the official types', () => {
  expectTypeOf<keyof ServedSearchRun>().toEqualTypeOf<keyof SearchMonitorRun>();
  expectTypeOf<Omit<ServedSearchRun, Open>>().toExtend<Omit<SearchMonitorRun, Open>>();
  expectTypeOf<ServedSearchRun['status']>().toEqualTypeOf<SearchMonitorRun['status']>();
  expectTypeOf<keyof ServedSearchMonitor>().toEqualTypeOf<keyof SearchMonitor>();
  expectTypeOf<ServedSearchMonitor['status']>().toEqualTypeOf<SearchMonitor['status']>();
  expectTypeOf<ServedSearchMonitor['trigger']>().toExtend<SearchMonitor['trigger']>();
});

describe('the official client', () => {
  it('lists monitors, a page of 50 unless told otherwise', async () => {
    const { exa, search } = await serveGenerated();
    const page = documentedSearchPage(documentedSearchMonitor).parse(await exa.monitors.list());
    expect(page.data).toEqual(search.monitors().slice(0, 50));
    expect(page.hasMore).toBe(true);
    const active = await exa.monitors.list({ status: 'active', limit: 100 });
    expect(active.data).toHaveLength(100);
    expect((await exa.monitors.list({ status: 'paused' })).data).toEqual([]);
  });

  it('lists every monitor with its own pagination', async () => {
    const { exa, search } = await serveGenerated();
    const monitors: SearchMonitor[] = [];
    for await (const monitor of exa.monitors.listAll()) {
      monitors.push(monitor);
    }
    expect(monitors).toEqual(search.monitors());
    expect(monitors).toHaveLength(130);
    expect(await exa.monitors.getAll({ limit: 7 })).toEqual(monitors);
  });

  it('gets one monitor', async () => {
    const { exa, search } = await serveGenerated();
    const [expected] = search.monitors();
    await expect(exa.monitors.get(expected?.id ?? '')).resolves.toEqual(expected);
  });

  it('lists runs, newest first, with their outputs', async () => {
    const { exa, search } = await serveGenerated();
    const [id = ''] = search.monitorIds();
    const page = documentedSearchPage(documentedSearchRun).parse(await exa.monitors.runs.list(id));
    expect(page.data).toEqual(search.runs(id).slice(0, 50));
    const runs: SearchMonitorRun[] = [];
    for await (const run of exa.monitors.runs.listAll(id, { limit: 100 })) {
      runs.push(run);
    }
    expect(runs).toEqual(search.runs(id));
    expect(runs).toHaveLength(120);
  });

  it('gets one run', async () => {
    const { exa, search } = await serveGenerated();
    const [id = ''] = search.monitorIds();
    const expected = search.runs(id)[60];
    await expect(exa.monitors.runs.get(id, expected?.id ?? '')).resolves.toEqual(expected);
  });

  it('triggers a run, which completes by itself', async () => {
    const { exa, search, clock } = await serveGenerated();
    const [id = ''] = search.monitorIds();
    await expect(exa.monitors.trigger(id)).resolves.toEqual({ triggered: true });
    const [run] = (await exa.monitors.runs.list(id, { limit: 1 })).data;
    expect(run).toMatchObject({ status: 'running', createdAt: new Date(startMs).toISOString() });
    clock.advance(15 * minuteMs);
    const ended = await exa.monitors.runs.get(id, run?.id ?? '');
    expect(ended.durationMs).toBeGreaterThan(0);
  });

  it('understands errors', async () => {
    const { exa } = await serveGenerated();
    await expect(exa.monitors.get('01m2n17ym05s3p4b266b8yfp8c')).rejects.toMatchObject({
      name: 'ExaError',
      statusCode: 404,
      message: 'Not found',
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/u),
    });
  });
});
