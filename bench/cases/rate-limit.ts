import type { BenchCase } from '../bench-case.ts';
import { seconds } from '../statistics.ts';
import { measure } from '../worker-process.ts';
import { inOwnDatabase, plainSync } from './first-sync.ts';

const requestsPerSecond = 10;

/** How much of an allowed rate is used, against a server that counts requests in a sliding second. */
export const rateLimit: BenchCase = {
  name: 'rate-limit',
  async run(laboratory) {
    const simulator = await laboratory.startSimulator({
      account: { monitors: 30, runsPerMonitor: 2000, firesOnSchedule: false },
      rateLimit: { requestsPerSecond },
    });
    const { ms } = await inOwnDatabase(laboratory, ({ url }) =>
      measure('sync', { ...plainSync, requestsPerSecond, databaseUrl: url, apiUrl: simulator.url }),
    );
    const counts = await simulator.send({ do: 'counts' });
    await simulator.stop();
    const used = counts.total / ((ms / 1000) * requestsPerSecond);
    const refused = counts.byStatus['429'] ?? 0;
    return {
      findings: [
        {
          what: `first sync under ${requestsPerSecond} requests a second: share of the allowed rate used`,
          figure: `${(used * 100).toFixed(1)} %, ${refused} answers 429`,
          target: '≥ 97 %, no 429',
          met: used >= 0.97 && refused === 0,
          behind: `${counts.total} requests in ${seconds(ms)}`,
        },
      ],
      bars: [],
    };
  },
};
