import * as fc from 'fast-check';
import type { TransactionSql } from 'postgres';
import { expect, test } from 'vitest';
import { createTestDatabase } from '../postgres/database.ts';
import { type History, dayUs, randomHistory } from './random-history.ts';
import { expectedFreshness, expectedHealth, wilsonLowerBound } from './recomputed-health.ts';
import { type Row, expectedDailyRates, expectedFacts, expectedReasons } from './recomputed-views.ts';
import {
  expectedClusters,
  expectedConfigurations,
  expectedIncidents,
  expectedMissed,
} from './recomputed-incidents.ts';
import { type Arrival, storeHistory } from './store-history.ts';

/** Repeat a failure with the seed that it prints: `VIEWS_SEED=… npx vitest run test/analytics/views.pg.test.ts`. */
const seed = Number(process.env['VIEWS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const arrival: fc.Arbitrary<Arrival> = fc.record({
  offsets: fc.array(fc.constantFrom(0, 330, -480, 840, -720, 45), { minLength: 1, maxLength: 3 }),
  chunk: fc.integer({ min: 1, max: 12 }),
  updatedEvery: fc.integer({ min: 1, max: 8 }),
  deletedEvery: fc.integer({ min: 1, max: 8 }),
});

/** `elsewhere` has nothing of the warehouse: the views must find on their own what they name. */
const readerPaths = ['public', 'elsewhere'];
const readerTimeZones = ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Kiritimati', 'Europe/Berlin'];
const reader = fc.record({
  zone: fc.constantFrom(...readerTimeZones),
  path: fc.constantFrom(...readerPaths),
});

test(
  'the views say what a plain recomputation of any history says, in any time zone and with any search path',
  { timeout: 300_000 },
  async () => {
    expect.hasAssertions();
    const { sql } = await createTestDatabase();
    process.stdout.write(`views property: seed ${seed}\n`);
    await fc.assert(
      fc.asyncProperty(fc.gen(), arrival, reader, async (draw, way, { zone, path }) => {
        await rolledBack(sql, async (tx) => {
          const nowUs = await transactionNow(tx);
          const history = draw(randomHistory, nowUs);
          await storeHistory(tx, history, way);
          await tx`select set_config('TimeZone', ${zone}, true), set_config('search_path', ${path}, true)`;
          await expectViews(tx, history, nowUs);
        });
      }),
      { seed, numRuns: 150, interruptAfterTimeLimit: 240_000, markInterruptAsFailure: true },
    );
  },
);

test("what a rate is at least is the lower end of Wilson's interval", async () => {
  const { sql } = await createTestDatabase();
  const rows = await sql<{ failed: number; completed: number; bound: number | null }[]>`
    select failed, completed, rate_lower_bound(failed, completed) as bound
    from generate_series(0, 60) failed, generate_series(0, 60) completed`;
  const isOfRuns = ({ failed, completed }: (typeof rows)[number]): boolean => failed + completed > 0;
  expect(rows.filter((row) => !isOfRuns(row)).map(({ bound }) => bound)).toEqual([null]);
  for (const { failed, completed, bound } of rows.filter(isOfRuns)) {
    const runs = failed + completed;
    expect(bound, `${failed} of ${runs}`).toBeCloseTo(wilsonLowerBound(failed, runs), 9);
  }
});

class RollBack extends Error {}

async function rolledBack(
  sql: { begin: (work: (tx: TransactionSql) => Promise<void>) => Promise<unknown> },
  work: (tx: TransactionSql) => Promise<void>,
): Promise<void> {
  try {
    await sql.begin(async (tx) => {
      await work(tx);
      throw new RollBack();
    });
  } catch (error) {
    if (!(error instanceof RollBack)) throw error;
  }
}

/** The views' now() is the start of the transaction. */
async function transactionNow(tx: TransactionSql): Promise<number> {
  const [row] = await tx<{ us: string }[]>`select (extract(epoch from now()) * 1000000)::bigint::text as us`;
  return Number(row?.us);
}

async function expectViews(tx: TransactionSql, history: History, nowUs: number): Promise<void> {
  expectSameRows(await rowsOf(tx, 'monitor_run_facts'), expectedFacts(history, nowUs));
  expectSameRows(await rowsOf(tx, 'failure_rates_daily'), expectedDailyRates(history));
  expectSameRows(await rowsOf(tx, 'failure_reasons'), expectedReasons(history, -Infinity));
  expectSameRows(
    await rowsOf(tx, "failure_reasons_since(now() - interval '168 hours')"),
    expectedReasons(history, nowUs - 7 * dayUs),
  );
  expectSameRows(await rowsOf(tx, 'sync_freshness'), expectedFreshness(history, nowUs));
  expectSameRows(await rowsOf(tx, 'monitor_health'), expectedHealth(history, nowUs));
  expectSameRows(await rowsOf(tx, 'failure_incidents'), expectedIncidents(history, nowUs));
  expectSameRows(await rowsOf(tx, 'failure_clusters'), expectedClusters(history, -Infinity));
  expectSameRows(
    await rowsOf(tx, "failure_clusters_since(now() - interval '168 hours')"),
    expectedClusters(history, nowUs - 7 * dayUs),
  );
  expectSameRows(await rowsOf(tx, 'missed_run_facts'), expectedMissed(history));
  expectSameRows(await rowsOf(tx, 'monitor_run_configurations'), expectedConfigurations(history));
}

/** The rows with instants as microseconds. */
async function rowsOf(tx: TransactionSql, from: string): Promise<Row[]> {
  const [found] = await tx<{ rows: Row[] }[]>`
    select coalesce(json_agg(found), '[]') as rows from public.${tx.unsafe(from)} as found`;
  return (found?.rows ?? []).map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [
        key,
        /_(?:at|since|through)$/.test(key) && typeof value === 'string' ? microseconds(value) : value,
      ]),
    ),
  );
}

function microseconds(instant: string): number {
  const [, seconds, fraction = '', offset] = /^(.*?)(?:\.(\d+))?([+-]\d\d:\d\d)$/.exec(instant) ?? [];
  return Date.parse(`${seconds}${offset}`) * 1000 + Number(fraction.padEnd(6, '0'));
}

/** Rows in any order; fractions to a billionth, since the order of additions is the database's affair. */
function expectSameRows(actual: readonly Row[], expected: readonly Row[]): void {
  expect(actual.map(printed).toSorted()).toEqual(expected.map(printed).toSorted());
}

function inOrder(row: Row): Row {
  return Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function printed(row: Row): string {
  return JSON.stringify(inOrder(row), (_key, value: unknown) => {
    if (value === undefined) return 'undefined';
    return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(9)) : value;
  });
}
