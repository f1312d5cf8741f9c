import { walksAtOnce } from '../../src/sync/walk/walk-monitors.ts';
import { generateAccount } from '../../src/simulator/account/generate-account.ts';
import { systemClock } from '../../src/simulator/state/clock.ts';
import { startSimulator, type Simulator } from '../../src/simulator/http/server.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { apiKey } from '../api-key.ts';
import type { BenchCase } from '../bench-case.ts';
import { measure, startWorker } from '../worker-process.ts';
import { firstSyncAccount, inOwnDatabase, plainSync, requireRows } from './first-sync.ts';

const pages = firstSyncAccount.monitors * 10;

/** Killed without warning half-way and started again: which pages are read twice. */
export const crash: BenchCase = {
  name: 'crash',
  async run(laboratory) {
    const account = generateAccount({ ...firstSyncAccount, clock: systemClock });
    const simulator = await startSimulator({ account, apiKey, recordRequests: true });
    const read = await inOwnDatabase(laboratory, async (database) => {
      const options = { ...plainSync, databaseUrl: database.url, apiUrl: simulator.url };
      const first = startWorker('sync', options);
      first.measurement.catch(() => undefined);
      while (simulator.requests.total < pages / 2) await pause(5);
      first.process.kill('SIGKILL');
      await first.measurement.catch(() => undefined);
      const [stored] = await database.query(
        "select sum((unfinished_walk -> 'pages')::int)::int as pages from sync_checkpoints",
      );
      const before = readPages(simulator);
      await measure('sync', options);
      await requireRows(database);
      return { before, all: readPages(simulator), stored: Number(stored?.['pages'] ?? 0) };
    });
    await simulator.close();
    // A page that is asked for by a cursor is the continuation of a walk; the first page of a monitor is asked for again
    // after a resumed walk on purpose, for what came since the walk began.
    const twice = [...read.all].filter(([page, times]) => times > 1 && page.includes('cursor'));
    const inFlight = [...read.before].length;
    const tops = [...read.all].filter(([page, times]) => times > 1 && !page.includes('cursor')).length;
    const most = walksAtOnce(plainSync.concurrency);
    return {
      findings: [
        {
          what: 'killed half-way, started again: pages read twice',
          figure: `${twice.length}`,
          target: `those in flight (at most ${most})`,
          met: twice.length <= most,
          behind: `${inFlight} of ${pages} pages had been asked for; ${tops} first pages were looked at again for what came since`,
        },
      ],
      bars: [],
    };
  },
};

/** How often each page of runs was asked for. */
function readPages({ requests }: Simulator): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { endpoint, monitorId, cursor } of requests.entries) {
    if (endpoint !== 'runs') continue;
    const page = `${monitorId}${cursor === null ? '' : ` cursor ${cursor}`}`;
    times.set(page, (times.get(page) ?? 0) + 1);
  }
  return times;
}
