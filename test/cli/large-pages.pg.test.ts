/** What runs found may be a megabyte a run: several such lists at once, by the built program. */
import { expect, it, vi } from 'vitest';
import { SimulatedAccount } from '../../src/simulator/account/account.ts';
import { startSimulator } from '../../src/simulator/http/server.ts';
import { systemClock } from '../../src/simulator/state/clock.ts';
import { compareFindings } from '../exactness/search-truth.ts';
import { servedBySearch } from '../exactness/served-rows.ts';
import { compareSource, noDifferences } from '../exactness/truth.ts';
import { createTestDatabase } from '../postgres/database.ts';
import { linesOf, runCommand } from './command-line.ts';
import { apiKey } from './served-account.ts';

// Each command is a process of its own: on a busy machine several of them take a while.
vi.setConfig({ testTimeout: 300_000 });

/** As the benchmark has it for two million small runs. */
const mostBytes = 160e6;

const monitors = 8;
const runs = 10;
const hourMs = 3_600_000;

/** Prints the peak of the process in kilobytes when it ends, also of one that has started itself anew. */
const reportPeak = `--import=data:text/javascript,process.on('exit',()=>console.error(process.resourceUsage().maxRSS))`;

/** Lists of runs with a hundred results of 10,000 characters each. */
function createLargeAccount(): SimulatedAccount {
  const account = new SimulatedAccount({ clock: systemClock });
  const text = 'Seed round of 4 million, "unaudited", it\'s said.\\n'.repeat(250).slice(0, 10_000);
  const beganMs = systemClock.now() - (runs + 2) * hourMs;
  for (let monitor = 0; monitor < monitors; monitor += 1) {
    const id = account.search.addMonitor({ trigger: null, createdAtMs: beganMs });
    for (let run = 0; run < runs; run += 1) {
      const createdAtMs = beganMs + (run + 1) * hourMs;
      const results = Array.from({ length: 100 }, (_, at) => {
        const url = `https://example.com/${monitor}/${run}/${at}`;
        return { id: url, url, title: `Page ${at}`, author: null, text };
      });
      const output = { content: `run ${run}`, grounding: null, results };
      account.search.addRun(id, { createdAtMs, outcome: { status: 'completed', atMs: createdAtMs, output } });
    }
  }
  return account;
}

it('eight lists of runs that found a megabyte each are exact, whatever is kept, and fit into the memory of small ones', async () => {
  const account = createLargeAccount();
  const simulator = await startSimulator({ account, apiKey });
  try {
    for (const wish of ['none', 'summary', 'everything'] as const) {
      const database = await createTestDatabase('empty');
      const environment = {
        EXA_API_KEY: apiKey,
        EXA_BASE_URL: simulator.url,
        EXA_APIS: 'search',
        EXA_REQUESTS_PER_SECOND: '0',
        EXA_TIMEOUT_MS: '120000',
        DATABASE_URL: database.url,
        SYNC_OUTPUTS: wish,
        NODE_OPTIONS: reportPeak,
      };
      const { exitCode, stderr } = await runCommand(['sync', '--json'], { environment });
      expect([wish, exitCode, stderr]).toEqual([wish, 0, stderr]);
      const [source] = await database.sql<{ id: number }[]>`select id from sync_sources where api = 'search'`;
      const id = source?.id ?? 0;
      expect(await compareFindings(database.sql, account.search, id, wish)).toEqual(noDifferences);
      const { runs: served, ...others } = servedBySearch(account.search);
      const stored = wish === 'none' ? served.map((run) => ({ ...run, output: null })) : served;
      expect(await compareSource(database.sql, id, { ...others, runs: stored })).toEqual(noDifferences);
      const peak = Number(linesOf(stderr).at(-1)) * 1024;
      process.stdout.write(`outputs ${wish}: ${Math.round(peak / 1e6)} MB at peak\n`);
      expect(peak).toBeLessThan(mostBytes);
      await database.drop();
    }
  } finally {
    await simulator.close();
  }
});
