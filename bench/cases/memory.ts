import { apiKey } from '../api-key.ts';
import type { BenchCase, Laboratory } from '../bench-case.ts';
import { measureProgram } from '../run-program.ts';
import { median, medianRatio, megabytes, times } from '../statistics.ts';
import { inOwnDatabase } from './first-sync.ts';

const monitors = 1000;
const largest = 160e6;
const largestRatio = 1.15;
const largestVersion = 80e6;

/** What the program takes, and whether that depends on the number of runs. */
export const memory: BenchCase = {
  name: 'memory',
  async run(laboratory) {
    const version: number[] = [];
    const small: number[] = [];
    const large: number[] = [];
    for (let round = 1; round <= laboratory.rounds; round += 1) {
      version.push(await measureProgram(['--version'], {}));
      small.push(await peakOfSync(laboratory, 20));
      large.push(await peakOfSync(laboratory, 2000));
    }
    const ratio = medianRatio(large, small);
    const most = Math.max(...large);
    return {
      findings: [
        {
          what: 'memory: peak RSS at 2,000,000 runs against that at 20,000',
          figure: times(ratio),
          target: `≤ ${largestRatio} ×, under ${megabytes(largest)}`,
          met: ratio <= largestRatio && most < largest,
          behind: `${megabytes(median(large))} against ${megabytes(median(small))}, ${megabytes(most)} at most; ${monitors} monitors`,
        },
        {
          what: 'memory: peak RSS of `--version`',
          figure: megabytes(median(version)),
          target: `under ${megabytes(largestVersion)}`,
          met: Math.max(...version) < largestVersion,
          behind: `${megabytes(Math.max(...version))} at most`,
        },
      ],
      bars: [],
    };
  },
};

async function peakOfSync(laboratory: Laboratory, runsPerMonitor: number): Promise<number> {
  const simulator = await laboratory.startSimulator({
    account: { monitors, runsPerMonitor, firesOnSchedule: false },
  });
  const peak = await inOwnDatabase(laboratory, ({ url }) =>
    measureProgram(['sync', '--json', '--log-level', 'silent'], {
      DATABASE_URL: url,
      EXA_API_KEY: apiKey,
      EXA_BASE_URL: simulator.url,
      EXA_REQUESTS_PER_SECOND: '0',
    }),
  );
  await simulator.stop();
  return peak;
}
