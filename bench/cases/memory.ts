import type { BenchCase, Laboratory } from '../bench-case.ts';
import { median, medianRatio, megabytes, times } from '../statistics.ts';
import { measure } from '../worker-process.ts';
import { inOwnDatabase, plainSync } from './first-sync.ts';

const monitors = 1000;
const largest = 160e6;

/** Whether memory depends on the number of runs. */
export const memory: BenchCase = {
  name: 'memory',
  async run(laboratory) {
    const small: number[] = [];
    const large: number[] = [];
    for (let round = 1; round <= laboratory.rounds; round += 1) {
      small.push(await peakRss(laboratory, 20));
      large.push(await peakRss(laboratory, 2000));
    }
    const ratio = medianRatio(large, small);
    const most = Math.max(...large);
    return {
      findings: [
        {
          what: 'memory: peak RSS at 2,000,000 runs against that at 20,000',
          figure: times(ratio),
          target: `≤ 1.1 ×, under ${megabytes(largest)}`,
          met: ratio <= 1.1 && most < largest,
          behind: `${megabytes(median(large))} against ${megabytes(median(small))}, ${megabytes(most)} at most; ${monitors} monitors`,
        },
      ],
      bars: [],
    };
  },
};

async function peakRss(laboratory: Laboratory, runsPerMonitor: number): Promise<number> {
  const simulator = await laboratory.startSimulator({
    account: { monitors, runsPerMonitor, firesOnSchedule: false },
  });
  const { peakRssBytes } = await inOwnDatabase(laboratory, ({ url }) =>
    measure('sync', { ...plainSync, databaseUrl: url, apiUrl: simulator.url }),
  );
  await simulator.stop();
  return peakRssBytes;
}
