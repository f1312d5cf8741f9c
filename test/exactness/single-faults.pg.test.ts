/** Each fault alone, at every request of a cycle; mixed they are in random-scenarios. */
import { beforeAll, expect, test } from 'vitest';
import type { Fault } from '../../src/simulator/answers/faults.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { nothingHappened, runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import type { Api } from './sync-kit.ts';

const faults: readonly (readonly [string, Fault])[] = [
  ['429 with seconds', status(429, 'seconds')],
  ['429 with a date', status(429, 'date')],
  ['429 without Retry-After', status(429, 'none')],
  ['500', { kind: 'status', status: 500 }],
  ['503 with HTML', { kind: 'status', status: 503, body: 'html' }],
  ['401', { kind: 'status', status: 401 }],
  ['402', { kind: 'status', status: 402 }],
  ['403', { kind: 'status', status: 403 }],
  ['200 with HTML', { kind: 'html200' }],
  ['200 with an empty body', { kind: 'emptyBody' }],
  ['200 with null', { kind: 'nullBody' }],
  ['200 without data', { kind: 'withoutData' }],
  ['a body cut off', { kind: 'truncatedBody', framing: 'contentLength' }],
  ['a chunked body cut off', { kind: 'truncatedBody', framing: 'chunked' }],
  ['half a JSON text', { kind: 'truncatedBody', framing: 'framed' }],
  ['a reset connection', { kind: 'reset' }],
  ['an answer that never comes', { kind: 'hang' }],
  ['a cursor refused with 400', { kind: 'refuseCursor', status: 400 }],
  ['a cursor refused with 404', { kind: 'refuseCursor', status: 404 }],
  ['limit refused', { kind: 'refuseLimit' }],
  ['fewer rows than asked', { kind: 'fewerRows', rows: 1 }],
  ['no rows, and more', { kind: 'fewerRows', rows: 0 }],
  ['more without a cursor', { kind: 'hasMoreWithoutCursor' }],
  ['a cursor seen before', { kind: 'repeatedCursor' }],
  ['a row twice in a page', { kind: 'repeatRows', rows: 'inPage' }],
  ['rows of the page before', { kind: 'repeatRows', rows: 2 }],
  ['the first page again', { kind: 'restartAtTop' }],
];

function status(code: number, style: 'seconds' | 'date' | 'none'): Fault {
  return { kind: 'status', status: code, retryAfter: { style, seconds: 5 } };
}

/** Requests of a full cycle: the listing and two lists of three pages. */
const requests = [1, 2, 3, 4, 5, 6, 7];

/** Cycle after cycle meets the fault one request later; each second one long enough to use up the attempts. */
function scenarioOf(api: Api, fault: Fault): Scenario {
  const list = Array.from({ length: 7 }, (_, run) => ({
    gapMinutes: run % 3 === 0 ? 0 : 600,
    status: run === 1 ? ('open' as const) : ('completed' as const),
  }));
  return {
    concurrency: 1,
    places: [{ account: 0, api }],
    seeds: [
      {
        runOrder: 'descending',
        cursors: 'keyset',
        monitorCursors: 'keyset',
        listedOutputs: 'whole',
        monitors: [list, list],
      },
    ],
    steps: requests.flatMap((atRequest): Scenario['steps'] => [
      { do: 'change', source: 0, change: { kind: 'addRuns', monitor: atRequest, open: false, count: 1 } },
      {
        do: 'cycle',
        pageSize: 3,
        mode: atRequest === 1 ? 'incremental' : 'full',
        incidents: [{ kind: 'fault', atRequest, times: atRequest % 2 === 0 ? 8 : 1, fault }],
      },
    ]),
  };
}

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

test.each(faults)('%s costs no row, whenever it comes', { timeout: 120_000 }, async (_name, fault) => {
  for (const api of ['websets', 'search'] as const) {
    const happened = nothingHappened();
    await runScenario(scenarioOf(api, fault), database, happened);
    expect(happened.faults).toBeGreaterThanOrEqual(requests.length);
  }
});
