/** Fidelity, proved by a client that this project did not write. */
import { Exa, EventType, MonitorRunStatus, MonitorRunType, MonitorStatus } from 'exa-js';
import type { ListMonitorRunsResponse, Monitor, MonitorRun } from 'exa-js';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import { generateAccount } from '../../src/simulator/account/generate-account.ts';
import type { ServedMonitor, ServedRun } from '../../src/simulator/websets/wire.ts';
import { apiKey, serve, startMs } from './serve.ts';

async function serveGenerated() {
  const clock = createManualClock(startMs);
  const account = generateAccount({
    monitors: 60,
    runsPerMonitor: 230,
    openRunsPerMonitor: 2,
    websets: 4,
    clock,
  });
  const { simulator } = await serve({ account });
  return { account, exa: new Exa(apiKey, simulator.url) };
}

function expectRunOfOfficialType(run: MonitorRun): void {
  expect(Object.values(MonitorRunStatus)).toContain(run.status);
  expect(Object.values(MonitorRunType)).toContain(run.type);
  expect([run.id, run.object, run.monitorId, run.createdAt, run.updatedAt]).toEqual(
    Array.from({ length: 5 }, () => expect.any(String)),
  );
  for (const nullable of [run.completedAt, run.failedAt, run.failedReason, run.canceledAt]) {
    expect(nullable === null || typeof nullable === 'string').toBe(true);
  }
}

/** The official record with its enums as the strings that travel. */
type AsSent<T> = { readonly [Name in keyof T]: T[Name] extends string ? `${T[Name]}` : T[Name] };

it('has records of the official types', () => {
  expectTypeOf<ServedRun>().toEqualTypeOf<AsSent<MonitorRun>>();
  expectTypeOf<keyof ServedMonitor>().toEqualTypeOf<keyof Monitor>();
  expectTypeOf<Omit<ServedMonitor, 'behavior' | 'lastRun' | 'metadata' | 'cadence'>>().toEqualTypeOf<
    Omit<AsSent<Monitor>, 'behavior' | 'lastRun' | 'metadata' | 'cadence'>
  >();
  expectTypeOf<ServedMonitor['cadence']>().toExtend<Monitor['cadence']>();
});

describe('the official client', () => {
  it('lists every monitor with its own pagination', async () => {
    const { account, exa } = await serveGenerated();
    const monitors: Monitor[] = await exa.websets.monitors.getAll();
    expect(monitors).toEqual(account.monitors());
    for (const monitor of monitors) {
      expect(Object.values(MonitorStatus)).toContain(monitor.status);
      expectRunOfOfficialType(monitor.lastRun);
    }
  });

  it('lists the monitors of one webset', async () => {
    const { account, exa } = await serveGenerated();
    const [websetId = ''] = account.monitors().map((monitor) => monitor.websetId);
    const monitors = await exa.websets.monitors.getAll({ websetId, limit: 3 });
    expect(monitors).toEqual(account.monitors().filter((monitor) => monitor.websetId === websetId));
  });

  it('gets one monitor', async () => {
    const { account, exa } = await serveGenerated();
    const [expected] = account.monitors();
    await expect(exa.websets.monitors.get(expected?.id ?? '')).resolves.toEqual(expected);
  });

  it('lists every run of a monitor, page by page', async () => {
    const { account, exa } = await serveGenerated();
    const [id = ''] = account.monitorIds();
    const runs: MonitorRun[] = [];
    let page: ListMonitorRunsResponse = await exa.websets.monitors.runs.list(id, { limit: 100 });
    runs.push(...page.data);
    while (page.nextCursor !== null) {
      page = await exa.websets.monitors.runs.list(id, { limit: 100, cursor: page.nextCursor });
      runs.push(...page.data);
    }
    expect(runs).toEqual(account.runs(id));
    expect(runs).toHaveLength(230);
    for (const run of runs) {
      expectRunOfOfficialType(run);
    }
  });

  it('gets one run', async () => {
    const { account, exa } = await serveGenerated();
    const [id = ''] = account.monitorIds();
    const expected = account.runs(id)[100];
    await expect(exa.websets.monitors.runs.get(id, expected?.id ?? '')).resolves.toEqual(expected);
  });

  it('lists events of the types that it asks for', async () => {
    const { exa } = await serveGenerated();
    const page = await exa.websets.events.list({ types: [EventType.monitor_run_completed], limit: 50 });
    expect(page.data).toHaveLength(50);
    expect(new Set(page.data.map((event) => event.type))).toEqual(new Set(['monitor.run.completed']));
  });

  it('understands errors', async () => {
    const { exa } = await serveGenerated();
    await expect(exa.websets.monitors.get('monitor_none')).rejects.toMatchObject({
      name: 'ExaError',
      statusCode: 404,
      path: '/websets/v0/monitors/monitor_none',
      requestId: expect.stringMatching(/^req_/u),
    });
  });
});
