import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { expect, onTestFinished, test, vi } from 'vitest';
import { metricNames } from '../../../src/schedule/http/metric-table.ts';
import { createManualClock } from '../../../src/simulator/state/clock.ts';
import { startSimulator } from '../../../src/simulator/http/server.ts';
import { expectTruth } from '../../exactness/truth.ts';
import { createTestDatabase } from '../../postgres/database.ts';
import { findFreePort } from '../free-port.ts';
import { startWebhookReceiver } from '../webhook-receiver.ts';
import { AccountLife, createLivingAccount, dayMs, hourMs } from './account-life.ts';
import { MemoryRecord } from './memory-record.ts';
import { forkService, type ServiceProcess } from './service-process.ts';

/** Simulated days; the long form is `npm run test:soak`. */
const days = Number(process.env['SOAK_DAYS'] ?? 2);
/** During the first third of the time the process is ended and another one started after so many cycles. */
const cyclesPerStart = 8;
const syncConcurrency = 8;
const apiKey = 'key-of-the-soak-test';

const settings = {
  EXA_API_KEY: apiKey,
  EXA_REQUESTS_PER_SECOND: '0',
  EXA_APIS: 'websets',
  SYNC_CRON: '0 * * * *',
  SYNC_CONCURRENCY: String(syncConcurrency),
  SYNC_JITTER_SECONDS: '0',
  SYNC_FULL_WALK_DAYS: '1',
  SYNC_RETENTION_DAYS: '10',
  ALERT_AFTER_FAILED_CYCLES: '2',
  ALERT_AFTER_FAILED_RUNS: '3',
};

test(
  `after ${days} days of changes, faults and restarts the warehouse is exact, and the process as small as before`,
  { timeout: 120_000 + days * 15_000 },
  async () => {
    const clock = createManualClock(Date.UTC(2026, 2, 10));
    const account = createLivingAccount(clock);
    const simulator = await startSimulator({ account, apiKey, dateHeader: 'account' });
    onTestFinished(() => simulator.close());
    const { sql, url } = await createTestDatabase('empty');
    const receiver = await startWebhookReceiver();
    const port = await findFreePort();
    const environment = {
      ...settings,
      EXA_BASE_URL: simulator.url,
      DATABASE_URL: url,
      ALERT_WEBHOOK_URL: receiver.url,
      HTTP_PORT: String(port),
    };
    const life = new AccountLife(account, simulator, clock);
    await dieInTheFirstCycle(forkService(environment, clock), sql);

    let service = forkService(environment, clock);
    await service.start();
    let cycles = 0;
    const memory = new MemoryRecord();
    for (let hour = 1; hour <= days * 24; hour += 1) {
      if (cycles === cyclesPerStart && hour <= days * 8) {
        await end(service, sql);
        service = forkService(environment, clock);
        await service.start();
        cycles = 0;
      }
      life.passHour();
      await service.fire();
      await readMetrics(port);
      cycles += 1;
      if (hour > days * 8) await memory.look(service, cycles);
    }
    life.calmDown();
    // Whatever was deleted, the walks of whole lists that fall due by then will have found.
    for (let passed = 0; passed < 3 * dayMs; passed += 2 * hourMs) {
      clock.advance(2 * hourMs);
      await service.fire();
    }
    await memory.lookAtLast(service);

    await expectTruth(sql, account);
    process.stdout.write(
      `Soak: ${memory.describe()}; ${simulator.requests.total} requests; cycles kept: ${await countCycles(sql)}\n`,
    );
    expect(memory.dataAtLast).toBeLessThan(memory.dataAtTenth * 1.1);
    expect(memory.keptAtLast).toBeLessThan(memory.keptAtTenth * 1.015);
    expect(memory.heapAtLast).toBeLessThan(memory.heapAtTenth * 1.1);
    expect(await countConnections(sql)).toBeLessThanOrEqual(syncConcurrency + 3);
    expect(await statusOfLastCycle(sql)).toBe('succeeded');
    const told = (what: string): number => receiver.texts.filter((text) => text.includes(what)).length;
    expect(told('in a row have failed')).toBeGreaterThan(0);
    expect(told('works again')).toBe(told('in a row have failed'));
    expect(told('keep failing')).toBeGreaterThan(0);
    await end(service, sql);
  },
);

type Sql = Awaited<ReturnType<typeof createTestDatabase>>['sql'];

/** The first cycle has thousands of runs to read: the process is killed while it does so. */
async function dieInTheFirstCycle(service: ServiceProcess, sql: Sql): Promise<void> {
  await service.start();
  for (let runs = 0; runs === 0;) {
    const [row] = await sql<{ runs: number }[]>`select count(*)::int as runs from monitor_runs`;
    runs = row?.runs ?? 0;
  }
  await service.kill();
  expect(await statusOfLastCycle(sql)).toBe('running');
}

/** Nothing holds a process whose service is stopped, and it holds no connection to the database. */
async function end(service: ServiceProcess, sql: Sql): Promise<void> {
  await service.stop();
  expect(await service.leave()).toBe(0);
  // The backends notice a little later.
  await vi.waitFor(async () => expect(await countConnections(sql)).toBe(0));
}

async function countConnections(sql: Sql): Promise<number> {
  const rows = await sql`
    select from pg_stat_activity
    where datname = current_database() and application_name = 'exa-monitor-sync'`;
  return rows.length;
}

/** As Prometheus does. */
async function readMetrics(port: number): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(parsePrometheusTextFormat(await response.text()).length).toBeGreaterThan(metricNames.length);
}

async function statusOfLastCycle(sql: Sql): Promise<unknown> {
  const [row] = await sql`select status from sync_cycles order by id desc limit 1`;
  return row?.['status'];
}

async function countCycles(sql: Sql): Promise<string> {
  const rows = await sql<{ status: string; cycles: number }[]>`
    select status, count(*)::int as cycles from sync_cycles group by 1 order by 1`;
  return rows.map(({ status, cycles }) => `${cycles} ${status}`).join(', ');
}
