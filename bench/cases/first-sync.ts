import type { BenchCase, Laboratory } from '../bench-case.ts';
import type { BenchDatabase } from '../postgres-server.ts';
import { median, medianRatio, seconds, thousands, times } from '../statistics.ts';
import { measure } from '../worker-process.ts';
import type { Measurement } from '../workers/measure.ts';

export const firstSyncAccount = { monitors: 100, runsPerMonitor: 2000, firesOnSchedule: false };
export const firstSyncRows = firstSyncAccount.monitors * firstSyncAccount.runsPerMonitor;

/** What a first sync of the product is told when nothing else is said. */
export const plainSync = {
  concurrency: 8,
  requestsPerSecond: 0,
  full: false,
  accountClockMs: null,
  stepRows: Number.POSITIVE_INFINITY,
};

/** The database's floor, the product and the ten-minute script, against an API that answers at once. */
export const firstSync: BenchCase = {
  name: 'first-sync',
  async run(laboratory) {
    const simulator = await laboratory.startSimulator({ account: firstSyncAccount });
    const product: Measurement[] = [];
    const script: Measurement[] = [];
    const copy: Measurement[] = [];
    for (let round = 1; round <= laboratory.rounds; round += 1) {
      const source = await laboratory.server.createDatabase();
      product.push(await measure('sync', { ...plainSync, databaseUrl: source.url, apiUrl: simulator.url }));
      await requireRows(source);
      copy.push(
        await inOwnDatabase(laboratory, ({ url }) =>
          measure('copy', { sourceUrl: source.url, databaseUrl: url }),
        ),
      );
      await source.drop();
      script.push(
        await inOwnDatabase(laboratory, ({ url }) =>
          measure('script', { databaseUrl: url, apiUrl: simulator.url }),
        ),
      );
      laboratory.tell(`round ${round}: ${describe({ product, script, copy }, round - 1)}`);
    }
    await simulator.stop();
    return summary(product, script, copy);
  },
};

function summary(
  product: readonly Measurement[],
  script: readonly Measurement[],
  copy: readonly Measurement[],
): Awaited<ReturnType<BenchCase['run']>> {
  const [productMs, scriptMs, copyMs] = [product, script, copy].map((runs) => runs.map(({ ms }) => ms));
  const overCopy = medianRatio(productMs ?? [], copyMs ?? []);
  const overScript = medianRatio(scriptMs ?? [], productMs ?? []);
  const group = 'First sync, API without latency';
  const bar = (label: string, runs: readonly Measurement[]) => ({
    group,
    label,
    rowsPerSecond: rate(runs),
  });
  return {
    findings: [
      {
        what: 'first sync, no latency: time against the COPY floor',
        figure: times(overCopy),
        target: '≤ 3 ×',
        met: overCopy <= 3,
        behind: `${figures(product)} against ${figures(copy)}`,
      },
      {
        what: "first sync, no latency: rows a second against the ten-minute script's",
        figure: times(overScript),
        target: '≥ 3 ×',
        met: overScript >= 3,
        behind: `${figures(product)} against ${figures(script)}`,
      },
    ],
    bars: [bar('COPY alone', copy), bar('this project', product), bar('ten-minute script', script)],
  };
}

function rate(runs: readonly Measurement[]): number {
  return firstSyncRows / (median(runs.map(({ ms }) => ms)) / 1000);
}

function figures(runs: readonly Measurement[]): string {
  const ms = median(runs.map((run) => run.ms));
  const cpuMs = median(runs.map((run) => run.cpuMs));
  return `${seconds(ms)} (${thousands(rate(runs))} rows/s, client CPU ${seconds(cpuMs)})`;
}

function describe(all: Readonly<Record<string, readonly Measurement[]>>, round: number): string {
  return Object.entries(all)
    .map(([name, runs]) => {
      const run = runs[round];
      return run === undefined ? name : `${name} ${seconds(run.ms)}, CPU ${seconds(run.cpuMs)}`;
    })
    .join('; ');
}

export async function inOwnDatabase<T>(
  { server }: Pick<Laboratory, 'server'>,
  use: (database: BenchDatabase) => Promise<T>,
): Promise<T> {
  const database = await server.createDatabase();
  try {
    return await use(database);
  } finally {
    await database.drop();
  }
}

/** @throws when a measured sync did not store what it should have. */
export async function requireRows(database: BenchDatabase, rows = firstSyncRows): Promise<void> {
  const [row] = await database.query('select count(*)::int as rows from monitor_runs');
  if (row?.['rows'] !== rows) throw new Error(`${row?.['rows']} rows are stored instead of ${rows}`);
}
