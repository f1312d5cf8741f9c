import type { ForkedSimulator } from '../../src/simulator/process/forked-simulator.ts';
import type { BenchCase, Laboratory } from '../bench-case.ts';
import type { BenchDatabase } from '../postgres-server.ts';
import { thousands } from '../statistics.ts';
import { measure } from '../worker-process.ts';
import { firstSyncAccount, inOwnDatabase, plainSync } from './first-sync.ts';

/** What a cycle costs that finds nothing new, and one that reads everything again. */
export const nothingNew: BenchCase = {
  name: 'nothing-new',
  async run(laboratory) {
    const startMs = Date.now();
    const simulator = await laboratory.startSimulator({ account: firstSyncAccount, clockStartMs: startMs });
    const result = await inOwnDatabase(laboratory, async (database) => {
      await syncOnce(database, simulator, startMs, false);
      await database.query('vacuum (analyze)');
      const idle = await observe(laboratory, database, simulator, () =>
        syncOnce(database, simulator, startMs, false),
      );
      const reread = await observe(laboratory, database, simulator, () =>
        syncOnce(database, simulator, startMs, true),
      );
      return { idle, reread };
    });
    await simulator.stop();
    const { idle, reread } = result;
    return {
      findings: [
        {
          what: 'second sync, nothing new: requests and rows touched',
          figure: `${idle.requests} request, ${idle.touched} rows of monitor_runs written, ${idle.dead} dead`,
          target: '1 request, 0 rows',
          met: idle.requests === 1 && idle.touched === 0 && idle.dead === 0,
          behind: `${thousands(idle.walBytes)} bytes of WAL: the record of the cycle itself`,
        },
        {
          what: 'everything read again (--full), nothing new: rows touched',
          figure: `${reread.touched} rows of monitor_runs written, ${reread.dead} dead`,
          target: '0 rows',
          met: reread.touched === 0 && reread.dead === 0,
          behind: `${reread.requests} requests; ${thousands(reread.walBytes)} bytes of WAL for 1,000 checkpoints and the record of the cycle`,
        },
      ],
      bars: [],
    };
  },
};

async function syncOnce(
  database: BenchDatabase,
  simulator: ForkedSimulator,
  accountClockMs: number,
  full: boolean,
): Promise<void> {
  const options = { ...plainSync, full, accountClockMs, databaseUrl: database.url, apiUrl: simulator.url };
  await measure('sync', options);
}

interface Cost {
  readonly requests: number;
  readonly walBytes: number;
  /** Rows of `monitor_runs` inserted, updated or deleted. */
  readonly touched: number;
  readonly dead: number;
}

async function observe(
  { server }: Laboratory,
  database: BenchDatabase,
  simulator: ForkedSimulator,
  work: () => Promise<void>,
): Promise<Cost> {
  await simulator.send({ do: 'resetCounts' });
  const rowsBefore = await readRowCounts(database);
  const before = await server.readActivity(database);
  await work();
  const after = await server.readActivity(database);
  const rows = await readRowCounts(database);
  const { total } = await simulator.send({ do: 'counts' });
  return {
    requests: total,
    walBytes: after.walBytes - before.walBytes,
    touched: rows.touched - rowsBefore.touched,
    dead: rows.dead,
  };
}

async function readRowCounts(
  database: BenchDatabase,
): Promise<{ readonly touched: number; readonly dead: number }> {
  const [row] = await database.query(`
    select (n_tup_ins + n_tup_upd + n_tup_del)::int as touched, n_dead_tup::int as dead
    from pg_stat_user_tables where relname = 'monitor_runs'`);
  return { touched: Number(row?.['touched']), dead: Number(row?.['dead']) };
}
