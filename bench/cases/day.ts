import type { BenchCase } from '../bench-case.ts';
import { openProduct } from '../product.ts';
import { thousands, times } from '../statistics.ts';
import { measure } from '../worker-process.ts';
import { inOwnDatabase } from './first-sync.ts';

const monitors = 10_000;
const cycleMs = 15 * 60_000;
const cyclesOfADay = 96;
/** Schedules fire at quarters of an hour; cycles here run seven minutes later. */
const startMs = Date.UTC(2026, 0, 5, 0, 7);

/** A day of ten thousand monitors that run once, synced every 15 minutes; the clock is the account's. */
export const day: BenchCase = {
  name: 'day',
  async run(laboratory) {
    const simulator = await laboratory.startSimulator({
      account: { monitors, runsPerMonitor: 30 },
      clockStartMs: startMs,
    });
    let nowMs = startMs;
    const clock = { now: () => nowMs };
    await inOwnDatabase(laboratory, async (database) => {
      const product = await openProduct({
        databaseUrl: database.url,
        apiUrl: simulator.url,
        clock,
        concurrency: 8,
        requestsPerSecond: 0,
      });
      await product.cycle();
      await simulator.send({ do: 'resetCounts' });
      for (let cycle = 1; cycle <= cyclesOfADay; cycle += 1) {
        nowMs += cycleMs;
        await simulator.send({ do: 'advance', ms: cycleMs });
        await product.cycle();
      }
      await product.close();
    });
    const product = await simulator.send({ do: 'resetCounts' });
    await inOwnDatabase(laboratory, ({ url }) =>
      measure('script', { databaseUrl: url, apiUrl: simulator.url }),
    );
    const script = await simulator.send({ do: 'counts' });
    await simulator.stop();
    const ratio = (script.total * cyclesOfADay) / product.total;
    return {
      findings: [
        {
          what: "a day of 10,000 monitors, a cycle every 15 minutes: the ten-minute script's requests against ours",
          figure: times(ratio),
          target: 'fewer',
          met: ratio > 1,
          behind: `${thousands(script.total * cyclesOfADay)} (${thousands(script.total)} measured in one execution, 96 of them) against ${thousands(product.total)}: ${thousands(product.byEndpoint.monitors)} for the listing, ${thousands(product.byEndpoint.runs)} pages of runs, ${thousands(product.byEndpoint.run)} single runs`,
        },
      ],
      bars: [],
    };
  },
};
