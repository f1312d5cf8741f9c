import type { BenchCase } from '../bench-case.ts';
import { median, medianRatio, megabytes, thousands, times } from '../statistics.ts';
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
    const first: number[] = [];
    const last: number[] = [];
    const peaks: number[] = [];
    for (let round = 1; round <= laboratory.rounds; round += 1) {
      const { stepsMs, peakRssBytes } = await inOwnDatabase(laboratory, ({ url }) =>
        measure('sync', { ...plainSync, stepRows, databaseUrl: url, apiUrl: simulator.url }),
      );
      const rates = stepsMs.map((atMs, step) => stepRows / ((atMs - (stepsMs[step - 1] ?? 0)) / 1000));
      laboratory.tell(`rows/s by step: ${rates.map((rate) => rate.toFixed(0)).join(' ')}`);
      // Single steps meet a checkpoint of the database or they don't: three of them together.
      first.push(meanRate(rates.slice(0, 3)));
      last.push(meanRate(rates.slice(-3)));
      peaks.push(peakRssBytes);
    }
    await simulator.stop();
    const ratio = medianRatio(last, first);
    return {
      findings: [
        {
          what: 'growth: rows a second at 3.6 million runs against those at the beginning',
          figure: times(ratio),
          target: '≥ 0.8 ×',
          met: ratio >= 0.8,
          behind: `${thousands(median(last))} against ${thousands(median(first))} rows/s; peak RSS ${megabytes(Math.max(...peaks))} with 10,000 monitors`,
        },
      ],
      bars: [],
    };
  },
};

function meanRate(rates: readonly number[]): number {
  return rates.length / rates.reduce((sum, rate) => sum + 1 / rate, 0);
}
