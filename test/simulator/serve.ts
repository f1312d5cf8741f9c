import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { createSimulatedAccount } from '../../src/simulator/account/account.ts';
import type { SimulatedAccount } from '../../src/simulator/account/account.ts';
import { createManualClock } from '../../src/simulator/state/clock.ts';
import type { ManualClock } from '../../src/simulator/state/clock.ts';
import { startSimulator } from '../../src/simulator/http/server.ts';
import type { Simulator, SimulatorOptions } from '../../src/simulator/http/server.ts';

export const apiKey = 'test-key';
export const startMs = Date.parse('2026-03-02T12:00:00.000Z');
export const minuteMs = 60_000;
export const dayMs = 86_400_000;

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

export interface Served {
  readonly account: SimulatedAccount;
  readonly clock: ManualClock;
  readonly simulator: Simulator;
  /** `path` begins below `/websets/v0`. */
  readonly get: Get;
  /** `path` begins below the host: `/monitors` is of the Search API. */
  readonly getSearch: Get;
  readonly postSearch: Get;
}

export type Get = (path: string, headers?: Record<string, string>) => Promise<Answered>;

/** An account without monitors, and its server; closed at the end of the test. */
export async function serve(options: Partial<SimulatorOptions> = {}): Promise<Served> {
  const clock = createManualClock(startMs);
  const account = options.account ?? createSimulatedAccount({ clock });
  const simulator = await startSimulator({ apiKey, recordRequests: true, ...options, account });
  onTestFinished(() => simulator.close());
  return {
    account,
    clock,
    simulator,
    get: createGet(`${simulator.url}/websets/v0`),
    getSearch: createGet(simulator.url),
    postSearch: createGet(simulator.url, 'POST'),
  };
}

function createGet(base: string, method = 'GET'): Get {
  return async (path, headers = { 'x-api-key': apiKey }) => {
    const answer = await fetch(`${base}${path}`, { method, headers });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, body: parseOrNull(text) };
  };
}

export const anyPage = z.object({
  data: z.array(z.object({ id: z.string(), createdAt: z.string() })),
  hasMore: z.boolean(),
  nextCursor: z.string().nullable().default(null),
});

/** Ids page by page, following the cursors. */
export async function readPages(get: Get, path: string, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = anyPage.parse((await get(`${path}?limit=${limit}${query}`)).body);
    pages.push(page.data.map((row) => row.id));
    cursor = page.nextCursor;
  } while (cursor !== null && pages.length < 100);
  return pages;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
