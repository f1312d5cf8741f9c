/** The real process, with a schedule that fires every second. */
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { linesOf, runCommand, startCommand, type Started } from '../cli/command-line.ts';
import { apiKey, countRuns, lastCycle, serveAccount, type ServedAccount } from '../cli/served-account.ts';
import { findFreePort } from './free-port.ts';
import { startWebhookReceiver } from './webhook-receiver.ts';

const readySchema = z.object({ reason: z.string() });
const everySecond = { SYNC_CRON: '* * * * * *', SYNC_JITTER_SECONDS: '0' };
const longAgo = { SYNC_CRON: '0 0 1 1 *', SYNC_JITTER_SECONDS: '0' };

interface Scheduled extends Started {
  /** Where `/metrics` is. */
  readonly url: string;
  /** The log so far, parsed. */
  readonly log: () => readonly Record<string, unknown>[];
}

async function startSchedule(
  served: ServedAccount,
  settings: Readonly<Record<string, string>>,
): Promise<Scheduled> {
  const port = await findFreePort();
  const environment = { ...served.environment, HTTP_PORT: String(port), ...settings };
  const started = await startCommand(['schedule'], { environment });
  let stderr = '';
  started.child.stderr.on('data', (text: string) => (stderr += text));
  const log = () => linesOf(stderr).map((line) => JSON.parse(line));
  await until(() => log().some(({ msg }) => msg === 'service started'), started);
  return { ...started, url: `http://127.0.0.1:${port}`, log };
}

/** Looks again and again, since another process has no event to wait for; fails when that process has ended. */
async function until(holds: () => boolean | Promise<boolean>, { child, ended }: Started): Promise<void> {
  while (!(await holds())) {
    if (child.exitCode !== null) throw new Error(`the command has ended: ${(await ended).stderr}`);
    await pause(20);
  }
}

async function countCycles({ database }: ServedAccount, status: string): Promise<number> {
  const [row] = await database.sql<{ count: number }[]>`
    select count(*)::int as count from sync_cycles where status = ${status} and trigger = 'schedule'`;
  return row?.count ?? 0;
}

async function readReady(url: string): Promise<{ readonly status: number; readonly reason: string }> {
  const response = await fetch(`${url}/readyz`);
  const { reason } = readySchema.parse(await response.json());
  return { status: response.status, reason };
}

test('the service syncs over and over, says so over HTTP, and ends with the code of the signal', async () => {
  const served = await serveAccount({ monitors: 3, runsPerMonitor: 5 });
  const service = await startSchedule(served, everySecond);
  await until(async () => (await countCycles(served, 'succeeded')) >= 2, service);

  expect(await countRuns(served)).toBe(15);
  expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
  expect(await readReady(service.url)).toEqual({ status: 200, reason: 'the last success was 0 min ago' });
  const metrics = parsePrometheusTextFormat(await (await fetch(`${service.url}/metrics`)).text());
  const find = (name: string) => metrics.find((family) => family.name === name)?.metrics;
  expect(find('exa_monitor_sync_runs_total')).toContainEqual({
    value: '15',
    labels: { account: 'default', api: 'websets', outcome: 'inserted' },
  });
  expect(find('process_resident_memory_bytes')).toHaveLength(1);

  service.child.kill('SIGTERM');
  const { exitCode, stdout } = await service.ended;
  expect(exitCode).toBe(143);
  expect(stdout).toBe('');
  const messages = service.log().map(({ msg }) => msg);
  expect(messages.at(-1)).toBe('service stopped');
  const cycles = messages.filter((message) => message === 'cycle started').length;
  expect(messages.filter((message) => String(message).startsWith('cycle '))).toHaveLength(2 * cycles);
});

test('a first start does not wait a year for its schedule, a restart does', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  const first = await startSchedule(served, longAgo);
  await until(async () => (await countCycles(served, 'succeeded')) === 1, first);
  first.child.kill('SIGINT');
  expect((await first.ended).exitCode).toBe(130);

  const second = await startSchedule(served, longAgo);
  await until(() => second.log().some(({ next }) => typeof next === 'string'), second);
  second.child.kill('SIGTERM');
  await second.ended;
  expect(await countCycles(served, 'succeeded')).toBe(1);
});

test('SIGTERM during a cycle commits the page at hand', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 700 });
  const started: { service?: Scheduled } = {};
  const hurry: { kill?: () => void } = {};
  served.simulator.setFaults(({ endpoint, cursor }) => {
    if (endpoint === 'runs' && cursor !== null) hurry.kill?.();
    return null;
  });
  served.simulator.setLatencyMs(200);
  started.service = await startSchedule(served, longAgo);
  hurry.kill = () => started.service?.child.kill('SIGTERM');
  const { exitCode } = await started.service.ended;

  expect(exitCode).toBe(143);
  expect((await lastCycle(served)).status).toBe('interrupted');
  expect(await countRuns(served)).toBeGreaterThan(0);
  expect((await countRuns(served)) % 200).toBe(0);
});

test('a refused key does not end the service, is not asked with over and over, and is told', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  const receiver = await startWebhookReceiver();
  const key = 'wrong-key-that-nobody-may-see';
  const service = await startSchedule(served, {
    ...everySecond,
    EXA_API_KEY: key,
    ALERT_WEBHOOK_URL: receiver.url,
    ALERT_AFTER_FAILED_CYCLES: '1',
    LOG_LEVEL: 'debug',
  });
  const skipped = () => service.log().filter(({ msg }) => String(msg).startsWith('held back'));
  await until(() => skipped().length >= 2, service);
  const ready = await readReady(service.url);
  service.child.kill('SIGTERM');
  const { exitCode, stderr } = await service.ended;

  expect(exitCode).toBe(143);
  expect(await countCycles(served, 'failed')).toBe(1);
  expect(served.simulator.requests.total).toBe(1);
  expect(ready.status).toBe(503);
  expect(ready.reason).toMatch(/^no cycle has succeeded yet; the last cycle was failed: .*401/);
  expect(receiver.texts).toHaveLength(1);
  expect(receiver.texts[0]).toMatch(/1 cycle has failed\. The last error: .*401/);
  for (const text of [stderr, ready.reason, ...receiver.texts]) {
    expect(text).not.toContain(key);
    expect(text).not.toContain('secret-path');
  }
});

test('SIGTERM does not wait for an alert webhook that never answers', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  const receiver = await startWebhookReceiver();
  receiver.answer = 'hang';
  const service = await startSchedule(served, {
    ...longAgo,
    EXA_API_KEY: 'wrong-key',
    ALERT_WEBHOOK_URL: receiver.url,
    ALERT_AFTER_FAILED_CYCLES: '1',
  });
  await until(() => receiver.texts.length > 0, service);
  const askedMs = performance.now();
  service.child.kill('SIGTERM');

  expect((await service.ended).exitCode).toBe(143);
  expect(performance.now() - askedMs).toBeLessThan(6000);
});

test('a warehouse that goes away ends no process: it says so until the warehouse is back', async () => {
  const served = await serveAccount({ monitors: 2, runsPerMonitor: 2 });
  const service = await startSchedule(served, everySecond);
  await until(async () => (await countCycles(served, 'succeeded')) >= 1, service);
  const { database } = served;
  const other = database.url.replace(database.name, 'postgres');
  const rename = async (from: string, to: string): Promise<void> => {
    const admin = postgres(other, { max: 1 });
    // Nobody may come back between the two: a database that is in use cannot be renamed.
    await admin`alter database ${admin(from)} allow_connections false`;
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${from}`;
    while ((await admin`select from pg_stat_activity where datname = ${from}`).length > 0) await pause(10);
    await admin`alter database ${admin(from)} rename to ${admin(to)}`;
    await admin`alter database ${admin(to)} allow_connections true`;
    await admin.end();
  };
  await rename(database.name, `${database.name}_gone`);
  await until(() => service.log().some(({ level }) => level === 'error'), service);

  expect(await readReady(service.url)).toEqual({ status: 503, reason: 'the warehouse does not answer' });
  expect(await (await fetch(`${service.url}/metrics`)).text()).toMatch(/^exa_monitor_sync_warehouse_up 0$/m);
  await rename(`${database.name}_gone`, database.name);
  await until(async () => (await readReady(service.url)).status === 200, service);
  service.child.kill('SIGTERM');
  expect((await service.ended).exitCode).toBe(143);
});

test('a lock that a sync holds is a skipped firing', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 300 });
  served.simulator.setFaults(({ endpoint, cursor }) =>
    endpoint === 'runs' && cursor !== null ? { kind: 'hang' } : null,
  );
  const sync = await startCommand(['sync', '--json'], served);
  await until(async () => (await countRuns(served).catch(() => 0)) > 0, sync);
  const service = await startSchedule(served, everySecond);
  // Not the firings that are skipped while another attempt is still asking for the lock.
  const locked = () => service.log().filter(({ holder }) => holder !== undefined);
  await until(() => locked().length > 0, service);
  service.child.kill('SIGTERM');
  await service.ended;

  expect(locked()[0]).toMatchObject({
    level: 'info',
    msg: expect.stringContaining('this firing is skipped'),
    holder: { pid: sync.child.pid },
  });
  expect(await countCycles(served, 'failed')).toBe(0);
});

test.each([
  ['SYNC_CRON', 'every day', 'a cron expression such as'],
  ['SYNC_CRON', '0 0 30 2 *', 'a cron expression such as'],
  ['SYNC_CRON', '0 0 L * *', 'a cron expression such as'],
  ['SYNC_TIMEZONE', 'Mars/Olympus', 'a time zone such as'],
  ['ALERT_WEBHOOK_URL', 'http://hooks.example/secret', 'an https:// URL'],
])('a wrong %s is one clear line: %s', async (variable, value, expected) => {
  const environment = { EXA_API_KEY: apiKey, [variable]: value };
  const { exitCode, stderr } = await runCommand(['schedule'], { environment });

  expect(exitCode).toBe(2);
  expect(linesOf(stderr)).toEqual([expect.stringMatching(`^${variable}: expected ${expected}`)]);
  expect(stderr).not.toContain('secret');
});

test('an address of another machine is said to be none of HTTP_PORT', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  const environment = { ...served.environment, HTTP_HOST: '192.0.2.1' };
  const { exitCode, stderr } = await runCommand(['schedule'], { environment });

  expect(exitCode).toBe(1);
  expect(linesOf(stderr).at(-1)).toMatch(
    /^HTTP_HOST: cannot listen on 192\.0\.2\.1:9464 \(.*EADDRNOTAVAIL.*\); set HTTP_HOST to an address of this machine$/,
  );
});

test('a port that is taken is said before anything is synced', async () => {
  const served = await serveAccount({ monitors: 1, runsPerMonitor: 1 });
  const { port } = new URL(served.simulator.url);
  const environment = { ...served.environment, HTTP_PORT: port };
  const { exitCode, stderr } = await runCommand(['schedule'], { environment });

  expect(exitCode).toBe(1);
  expect(linesOf(stderr).at(-1)).toMatch(
    /^HTTP_PORT: cannot listen on 127\.0\.0\.1:\d+ \(.*EADDRINUSE.*\); set HTTP_PORT to another port, or to 0 for none$/,
  );
  expect(served.simulator.requests.total).toBe(0);
});
