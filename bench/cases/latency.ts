import type { BenchCase } from '../bench-case.ts';
import { median, medianRatio, seconds, thousands, times } from '../statistics.ts';
import { measure } from '../worker-process.ts';
import type { Measurement } from '../workers/measure.ts';
import { firstSyncAccount, firstSyncRows, inOwnDatabase, plainSync } from './first-sync.ts';

const latencyMs = 50;
const concurrency = 8;

/** Whether the next page is being read while this one is written: the product against the network's floor. */
export const latency: BenchCase = {
  name: 'latency',
  async run(laboratory) {
    const simulator = await laboratory.startSimulator({ account: firstSyncAccount, latencyMs });
    const product: Measurement[] = [];
    const floor: Measurement[] = [];
    for (let round = 1; round <= laboratory.rounds; round += 1) {
      product.push(
        await inOwnDatabase(laboratory, ({ url }) =>
          measure('sync', { ...plainSync, concurrency, databaseUrl: url, apiUrl: simulator.url }),
        ),
      );
      floor.push(await measure('fetch', { apiUrl: simulator.url, concurrency, what: 'runs' }));
      laboratory.tell(
        `round ${round}: product ${seconds(product.at(-1)?.ms ?? 0)}, fetch only ${seconds(floor.at(-1)?.ms ?? 0)}`,
      );
    }
    await simulator.stop();
    const productMs = product.map(({ ms }) => ms);
    const floorMs = floor.map(({ ms }) => ms);
    const ratio = medianRatio(productMs, floorMs);
    const group = `First sync, ${latencyMs} ms a request, ${concurrency} at once`;
    return {
      findings: [
        {
          what: `first sync, ${latencyMs} ms a request, ${concurrency} at once: time against fetching only`,
          figure: times(ratio),
          target: '≤ 1.05 ×',
          met: ratio <= 1.05,
          behind: `${seconds(median(productMs))} (${thousands(rate(productMs))} rows/s) against ${seconds(median(floorMs))}`,
        },
      ],
      bars: [
        { group, label: 'fetch only', rowsPerSecond: rate(floorMs) },
        { group, label: 'this project', rowsPerSecond: rate(productMs) },
      ],
    };
  },
};

function rate(runsMs: readonly number[]): number {
  return firstSyncRows / (median(runsMs) / 1000);
}
