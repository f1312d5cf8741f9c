import { onTestFinished, expect, test } from 'vitest';
import { createManualClock } from '../../../src/simulator/clock.ts';
import { startSimulator } from '../../../src/simulator/server.ts';
import { expectTruth } from '../../exactness/truth.ts';
import { createTestDatabase } from '../../postgres/database.ts';
import { startWebhookReceiver } from '../webhook-receiver.ts';
import { AccountLife, createLivingAccount, dayMs, hourMs } from './account-life.ts';
import { forkService, type Measurement, type ServiceProcess } from './service-process.ts';

/** Simulated days; the long form is `npm run test:soak`. */
const days = Number(process.env['SOAK_DAYS'] ?? 2);
const apiKey = 'key-of-the-soak-test';
/** The service is told to stop and started again after so many cycles. */
const cyclesPerStart = 23;

const settings = {
  EXA_API_KEY: apiKey,
  EXA_REQUESTS_PER_SECOND: '0',
  SYNC_CRON: '0 * * * *',
  SYNC_JITTER_SECONDS: '0',
  SYNC_FULL_WALK_DAYS: '1',
  SYNC_RETENTION_DAYS: '10',
  ALERT_AFTER_FAILED_CYCLES: '2',
  ALERT_AFTER_FAILED_RUNS: '3',
  HTTP_PORT: '0',
  LOG_LEVEL: 'silent',
};

test(
  `after ${days} days of changes, faults and restarts the warehouse is exact, and the process as small as before`,
  { timeout: 120_000 + days * 15_000 },
  async () => {
    const clock = createManualClock(Date.UTC(2026, 2, 10));
    const account = createLivingAccount(clock);
    const simulator = await startSimulator({ account, apiKey, dateHeader: 'account' });
    onTestFinished(() => simulator.close());
    const database = await createTestDatabase('empty');
    const receiver = await startWebhookReceiver();
    const environment = {
      ...settings,
      EXA_BASE_URL: simulator.url,
      DATABASE_URL: database.url,
      ALERT_WEBHOOK_URL: receiver.url,
    };
    const life = new AccountLife(account, simulator, clock);
    await dieInTheFirstCycle(forkService(environment, clock), database.sql);

    const service = forkService(environment, clock);
    await service.start();
    const measured: Measurement[] = [];
    for (let hour = 1; hour <= days * 24; hour += 1) {
      life.passHour();
      await service.fire();
      if (hour % cyclesPerStart === 0) {
        await service.stop();
        await service.start();
      }
      if (hour % 24 === 10) measured.push(await service.measure());
    }
    life.calmDown();
    // Whatever was deleted, the walks of whole lists that fall due by then will have found.
    for (let passed = 0; passed < 3 * dayMs; passed += 2 * hourMs) {
      clock.advance(2 * hourMs);
      await service.fire();
    }
    measured.push(await service.measure());

    await expectTruth(database.sql, account);
    process.stdout.write(
      `${describe(measured)}; ${simulator.requests.total} requests; cycles kept: ${await countCycles(database.sql)}\n`,
    );
    const [tenth, last] = [measured[0], measured.at(-1)];
    expect(last?.heapBytes).toBeLessThan((tenth?.heapBytes ?? 0) * 1.1);
    expect(await statusOfLastCycle(database.sql)).toBe('succeeded');
    const told = (what: string): number => receiver.texts.filter((text) => text.includes(what)).length;
    expect(told('in a row have failed')).toBeGreaterThan(0);
    expect(told('works again')).toBe(told('in a row have failed'));
    expect(told('keep failing')).toBeGreaterThan(0);
    await service.stop();
    expect(await service.leave()).toBe(0);
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

async function statusOfLastCycle(sql: Sql): Promise<unknown> {
  const [row] = await sql`select status from sync_cycles order by id desc limit 1`;
  return row?.['status'];
}

async function countCycles(sql: Sql): Promise<string> {
  const rows = await sql<{ status: string; cycles: number }[]>`
    select status, count(*)::int as cycles from sync_cycles group by 1 order by 1`;
  return rows.map(({ status, cycles }) => `${cycles} ${status}`).join(', ');
}

/** The heap, and in brackets the memory of the whole process, once a simulated day. */
function describe(measured: readonly Measurement[]): string {
  const values = measured.map(
    ({ heapBytes, residentBytes }) => `${megabytes(heapBytes)} (${megabytes(residentBytes)})`,
  );
  return `Soak: MB from the tenth cycle on: ${values.join(', ')}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
