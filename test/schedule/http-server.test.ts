import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { describeStall } from '../../src/app/service/open-http.ts';
import { createHealthProbe } from '../../src/schedule/http/health-probe.ts';
import { startHttpServer } from '../../src/schedule/http/http-server.ts';
import { Metrics } from '../../src/schedule/http/metrics.ts';
import { createOccurrences } from '../../src/schedule/occurrences.ts';
import { defaultMaxAgeMs } from '../../src/schedule/http/readiness.ts';
import type { WarehouseHealth } from '../../src/warehouse/reads/load-health.ts';
import { VirtualTime } from '../exa/virtual-time.ts';
import { createLoggedLines } from './lines.ts';

const fresh: WarehouseHealth = {
  lastSuccessAt: '2026-03-10T11:30:00Z',
  lastReadAt: '2026-03-10T11:30:00Z',
  lastCycle: { status: 'succeeded', error: null },
  sources: [],
  openRuns: 0,
};

const never: WarehouseHealth = {
  lastSuccessAt: null,
  lastReadAt: null,
  lastCycle: null,
  sources: [],
  openRuns: 0,
};

function at(instant: string): WarehouseHealth {
  return { ...never, lastSuccessAt: instant, lastReadAt: instant };
}

async function serve(health: WarehouseHealth | null) {
  const server = await start(health);
  return async (path: string) => {
    const response = await fetch(server.url + path);
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: await response.text(),
    };
  };
}

async function start(health: WarehouseHealth | null, stall: string | null = null) {
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    clock: { now: () => Date.parse('2026-03-10T12:00:00Z') },
    metrics: new Metrics([]),
    probe: () => Promise.resolve(health),
    maxAgeMs: () => 3_600_000,
    stall: () => stall,
    redact: (text) => text.replaceAll('sk-secret', '***'),
    logger: createLoggedLines().logger,
  });
  onTestFinished(() => server.close());
  return server;
}

test('a service whose data is current is alive and ready', async () => {
  const get = await serve(fresh);

  expect(await get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
  const ready = await get('/readyz');
  expect(ready.status).toBe(200);
  expect(JSON.parse(ready.body)).toEqual({
    ready: true,
    reason: 'the last success was 30 min ago',
    lastSuccessAt: '2026-03-10T11:30:00Z',
    lastReadAt: '2026-03-10T11:30:00Z',
    lastCycle: { status: 'succeeded', error: null },
  });
});

test('a service whose cycle stands still is not alive', async () => {
  const { url } = await start(fresh, 'the cycle has stood still for 20 min');
  const response = await fetch(`${url}/healthz`);
  expect(response.status).toBe(503);
  expect(await response.text()).toBe('the cycle has stood still for 20 min\n');
});

test('a cycle stands still when it is silent for longer than any wait that it allows itself', () => {
  const waits = { databasePatienceSeconds: 60, exaTimeoutMs: 30_000 };
  expect(describeStall(0, waits)).toBeNull();
  expect(describeStall(18 * 60_000, waits)).toBeNull();
  expect(describeStall(18 * 60_000 + 1, waits)).toBe('the cycle has stood still for 18 min');
});

test('a run that stays rejected is told and does not make the service unready', async () => {
  const error = '1 runs are in rejected_runs';
  const get = await serve({ ...fresh, lastSuccessAt: null, lastCycle: { status: 'partial', error } });
  const ready = await get('/readyz');

  expect(ready.status).toBe(200);
  expect(JSON.parse(ready.body)).toMatchObject({
    ready: true,
    reason: `all monitors were last read 30 min ago; the last cycle was partial: ${error}`,
    lastSuccessAt: null,
  });
});

test('/metrics has the content type of Prometheus', async () => {
  const get = await serve(fresh);
  const metrics = await get('/metrics');

  expect(metrics.status).toBe(200);
  expect(metrics.type).toBe('text/plain; version=0.0.4; charset=utf-8');
});

test.each<[string, WarehouseHealth | null, string]>([
  ['the warehouse does not answer', null, 'the warehouse does not answer'],
  [
    'nothing has ever succeeded',
    { ...never, lastCycle: { status: 'failed', error: 'no sk-secret' } },
    'no cycle has succeeded yet; the last cycle was failed: no ***',
  ],
  [
    'the last success is old',
    { ...at('2026-03-10T10:59:00Z'), lastCycle: { status: 'partial', error: '1 of 9' } },
    'the last success was 61 min ago, more than the tolerated 60 min; the last cycle was partial: 1 of 9',
  ],
  [
    'runs are rejected and the monitors were read long ago',
    { ...at('2026-03-10T10:59:00Z'), lastSuccessAt: null, lastCycle: { status: 'failed', error: '503' } },
    'all monitors were last read 61 min ago, more than the tolerated 60 min; the last cycle was failed: 503',
  ],
])('not ready: %s', async (_what, health, reason) => {
  const get = await serve(health);
  const ready = await get('/readyz');

  expect(ready.status).toBe(503);
  expect(JSON.parse(ready.body)).toMatchObject({ ready: false, reason });
  expect((await get('/healthz')).status).toBe(200);
});

test('other paths are not found', async () => {
  const get = await serve(fresh);

  expect((await get('/')).status).toBe(404);
});

test('three firings may pass without a success, and an hour in any case', () => {
  const nowMs = Date.parse('2026-03-10T12:10:00Z');
  const minutes = (cron: string): number =>
    defaultMaxAgeMs(createOccurrences(cron, 'Etc/UTC'), nowMs) / 60_000;

  expect(minutes('*/15 * * * *')).toBe(60);
  expect(minutes('0 */6 * * *')).toBe(18 * 60 + 10);
});

test('however often it is asked, the warehouse answers one question at a time and has to do so in time', async () => {
  const time = new VirtualTime();
  const answers: ((health: WarehouseHealth) => void)[] = [];
  const probe = createHealthProbe({
    load: () => new Promise((resolve) => answers.push(resolve)),
    sleep: time.sleep,
    timeoutMs: 5000,
    logger: createLoggedLines().logger,
  });
  const [first, second] = [probe(), probe()];
  await time.advance(5000);

  expect(await first).toBeNull();
  expect(await second).toBeNull();
  const third = probe();
  expect(answers).toHaveLength(1);
  answers[0]?.(fresh);
  expect(await third).toBe(fresh);
  expect(time.pendingTimers).toBe(0);
});

test('four hundred half-open connections leave it a bounded number, and are forgotten when they go', async () => {
  const server = await start(fresh);
  const { hostname, port } = new URL(server.url);
  const sockets = Array.from({ length: 400 }, () => connect(Number(port), hostname));
  const closed = sockets.map((socket) =>
    once(
      socket.on('error', () => undefined),
      'close',
    ),
  );
  let gone = 0;
  for (const end of closed) void end.then(() => (gone += 1));
  await vi.waitUntil(() => gone >= 300, { timeout: 9000 });
  for (const socket of sockets) socket.destroy();
  await Promise.all(closed);

  await vi.waitUntil(async () => (await fetch(`${server.url}/healthz`).catch(() => null)) !== null);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});
