import type { BenchCase } from '../bench-case.ts';
import { megabytes, thousands, times } from '../statistics.ts';
import { measure } from '../worker-process.ts';
import { inOwnDatabase, plainSync } from './first-sync.ts';

const stepRows = 200_000;

/** A year of ten thousand monitors: whether the speed holds as the table grows. */
export const growth: BenchCase = {
  name: 'growth',
  async run(laboratory) {
    const simulator = await laboratory.startSimulator({
      account: { monitors: 10_000, runsPerMonitor: 365, firesOnSchedule: false },
    });
    const { stepsMs, peakRssBytes } = await inOwnDatabase(laboratory, ({ url }) =>
      measure('sync', { ...plainSync, stepRows, databaseUrl: url, apiUrl: simulator.url }),
    );
    await simulator.stop();
    const rates = stepsMs.map((atMs, step) => stepRows / ((atMs - (stepsMs[step - 1] ?? 0)) / 1000));
    laboratory.tell(`rows/s by step: ${rates.map((rate) => rate.toFixed(0)).join(' ')}`);
    // Single steps meet a checkpoint of the database or they don't: three of them together.
    const first = meanRate(rates.slice(0, 3));
    const last = meanRate(rates.slice(-3));
    return {
      findings: [
        {
          what: 'growth: rows a second at 3.6 million runs against those at the beginning',
          figure: times(last / first),
          target: '≥ 0.8 ×',
          met: last / first >= 0.8,
          behind: `${thousands(last)} against ${thousands(first)} rows/s; peak RSS ${megabytes(peakRssBytes)} with 10,000 monitors`,
        },
      ],
      bars: [],
    };
  },
};

function meanRate(rates: readonly number[]): number {
  return rates.length / rates.reduce((sum, rate) => sum + 1 / rate, 0);
}
