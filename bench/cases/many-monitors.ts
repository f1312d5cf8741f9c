import type { BenchCase, Finding } from '../bench-case.ts';
import { median, medianRatio, seconds, times } from '../statistics.ts';
import { measure } from '../worker-process.ts';
import type { Measurement } from '../workers/measure.ts';
import { inOwnDatabase, plainSync } from './first-sync.ts';

const monitors = 10_000;
const busyMonitors = 400;
const latencyMs = 50;

/** Ten thousand monitors: what a cycle costs when none of them, or 400, have something new. */
export const manyMonitors: BenchCase = {
  name: 'many-monitors',
  async run(laboratory) {
    const accountClockMs = Date.now();
    const simulator = await laboratory.startSimulator({
      account: { monitors, runsPerMonitor: 1, firesOnSchedule: false },
      clockStartMs: accountClockMs,
    });
    const findings = await inOwnDatabase(laboratory, async (database) => {
      const sync = () =>
        measure('sync', { ...plainSync, accountClockMs, databaseUrl: database.url, apiUrl: simulator.url });
      await sync();
      await database.query('vacuum (analyze)');
      const fetchOnly = () => measure('fetch', { apiUrl: simulator.url, concurrency: 8, what: 'monitors' });
      await simulator.send({ do: 'resetCounts' });
      const before = await laboratory.server.readActivity(database);
      // The floor asks as often, so that the simulator's counts hold both.
      const near = await alternate(laboratory.rounds, sync, fetchOnly);
      const after = await laboratory.server.readActivity(database);
      const idle = await simulator.send({ do: 'resetCounts' });
      await simulator.send({ do: 'setLatency', ms: latencyMs });
      const far = await alternate(laboratory.rounds, sync, fetchOnly);
      await simulator.send({ do: 'setLatency', ms: 0 });
      await simulator.send({ do: 'resetCounts' });
      await simulator.send({ do: 'addRuns', monitors: busyMonitors });
      await sync();
      const busy = await simulator.send({ do: 'counts' });
      const requests = idle.total / laboratory.rounds / 2;
      const transactions = (after.transactions - before.transactions) / laboratory.rounds;
      return [
        {
          what: '10,000 monitors, nothing new: requests',
          figure: `${requests} requests, ${transactions.toFixed(0)} transactions`,
          target: '50 requests, no query per monitor',
          met: requests === 50 && transactions < 200,
          behind: 'the same in each round',
        },
        timeFinding('10,000 monitors, nothing new, API without latency', near),
        timeFinding(`10,000 monitors, nothing new, ${latencyMs} ms a request`, far),
        {
          what: '10,000 monitors, 400 of them with one new run: requests',
          figure: `${busy.byEndpoint.monitors} + ${busy.total - busy.byEndpoint.monitors}`,
          target: '50 + 400',
          met: busy.byEndpoint.monitors === 50 && busy.total === 50 + busyMonitors,
          behind: `${busy.byEndpoint.runs} pages of runs, ${busy.byEndpoint.run} single runs`,
        },
      ];
    });
    await simulator.stop();
    return { findings, bars: [] };
  },
};

interface Alternated {
  readonly productMs: readonly number[];
  readonly floorMs: readonly number[];
}

async function alternate(
  rounds: number,
  product: () => Promise<Measurement>,
  floor: () => Promise<Measurement>,
): Promise<Alternated> {
  const productMs: number[] = [];
  const floorMs: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    productMs.push((await product()).ms);
    floorMs.push((await floor()).ms);
  }
  return { productMs, floorMs };
}

function timeFinding(what: string, { productMs, floorMs }: Alternated): Finding {
  const ratio = medianRatio(productMs, floorMs);
  return {
    what: `${what}: time against fetching only`,
    figure: times(ratio),
    target: '≤ 1.2 ×',
    met: ratio <= 1.2,
    behind: `${seconds(median(productMs))} against ${seconds(median(floorMs))}`,
  };
}
