/** Several simulated accounts behind one address, as Exa's are: the key decides whose monitors answer. */
import { createServer, request } from 'node:http';
import { onTestFinished } from 'vitest';
import type { SimulatedAccount } from '../../src/simulator/account/account.ts';
import { generateAccount } from '../../src/simulator/account/generate-account.ts';
import type { GenerateOptions } from '../../src/simulator/account/generate-account.ts';
import { startSimulator, type Simulator } from '../../src/simulator/http/server.ts';
import { systemClock } from '../../src/simulator/state/clock.ts';
import { compareFindings } from '../exactness/search-truth.ts';
import { servedBySearch, servedByWebsets } from '../exactness/served-rows.ts';
import { compareSource, join, type Differences } from '../exactness/truth.ts';
import type { TestDatabase } from '../postgres/database.ts';

export interface Served {
  readonly account: SimulatedAccount;
  readonly simulator: Simulator;
}

/** The accounts `default` and `eu`, each with monitors of both APIs and a team of its own. */
export async function serveTwoAccounts(size: Partial<GenerateOptions> = {}) {
  const first = await serve(1, size);
  const second = await serve(2, size);
  second.account.team = { id: 'team_2', name: 'Team of the EU' };
  const url = await routeByKey(
    new Map([
      [keys.default, first.simulator],
      [keys.eu, second.simulator],
    ]),
  );
  const environment = {
    EXA_API_KEY: keys.default,
    EXA_API_KEY_EU: keys.eu,
    EXA_BASE_URL: url,
    EXA_REQUESTS_PER_SECOND: '0',
    // Requests are counted: a busy machine must not make one more of them.
    EXA_TIMEOUT_MS: '120000',
  };
  return { default: first, eu: second, environment };
}

const keys = { default: 'key-of-default-4711', eu: 'key-of-eu-4712' } as const;

async function serve(seed: 1 | 2, size: Partial<GenerateOptions>): Promise<Served> {
  const account = generateAccount({
    monitors: 20,
    runsPerMonitor: 500,
    searchMonitors: 20,
    runsPerSearchMonitor: 500,
    firesOnSchedule: false,
    clock: systemClock,
    seed,
    ...size,
  });
  const apiKey = seed === 1 ? keys.default : keys.eu;
  const simulator = await startSimulator({ account, apiKey, recordRequests: true });
  onTestFinished(() => simulator.close());
  return { account, simulator };
}

/** A key that nobody has is refused by the first one. */
async function routeByKey(simulators: ReadonlyMap<string, Simulator>): Promise<string> {
  const [anyOf] = simulators.values();
  const router = createServer((asked, answer) => {
    const target = simulators.get(String(asked.headers['x-api-key'])) ?? anyOf;
    const passedOn = request(`${target?.url}${asked.url}`, { headers: asked.headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
      answered.once('error', () => answer.destroy());
    });
    passedOn.once('error', () => answer.destroy());
    answer.once('close', () => passedOn.destroy());
    passedOn.end();
  });
  // A connection that is closed while it is being used again costs a retry.
  router.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => router.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    router.closeAllConnections();
    router.close();
  });
  const address = router.address();
  if (address === null || typeof address === 'string') throw new Error('the router does not listen');
  return `http://127.0.0.1:${address.port}`;
}

/** What of an API of an account is not stored as it is served. */
export async function differencesOf(
  { sql }: TestDatabase,
  name: string,
  api: 'websets' | 'search',
  { account }: Served,
): Promise<Differences> {
  const [source] = await sql<{ id: number }[]>`
    select id from sync_sources where account = ${name} and api = ${api}`;
  const sourceId = source?.id ?? 0;
  if (api === 'websets') return compareSource(sql, sourceId, servedByWebsets(account));
  return join([
    await compareSource(sql, sourceId, servedBySearch(account.search)),
    await compareFindings(sql, account.search, sourceId, 'summary'),
  ]);
}
