import { sql } from 'drizzle-orm';
import { createDispatcher } from '../src/exa/http/dispatcher.ts';
import { createHttpGet } from '../src/exa/http/http-get.ts';
import { createWebsetsSource } from '../src/exa/source.ts';
import { RateBudget } from '../src/exa/http/rate-budget.ts';
import { sleep } from '../src/exa/http/sleep.ts';
import { createAnswerCounter } from '../src/sync/answer-counter.ts';
import { runCycle, type CycleResult } from '../src/sync/cycle.ts';
import type { CycleObserver } from '../src/sync/cycle-events.ts';
import type { Clock } from '../src/sync/ports.ts';
import { createCycleStore } from '../src/warehouse/cycle/cycle-store.ts';
import { openDatabase } from '../src/warehouse/connection/database.ts';
import { apiKey } from './api-key.ts';

export interface ProductOptions {
  readonly databaseUrl: string;
  readonly apiUrl: string;
  readonly concurrency: number;
  /** 0: no limit. */
  readonly requestsPerSecond: number;
  readonly clock: Clock;
}

interface CycleWishes {
  /** Walk every monitor to the end of its list. */
  readonly full?: boolean;
  readonly observe?: CycleObserver;
}

/** The product, wired as its command line wires it. */
export interface Product {
  /** @throws what ended a cycle that failed. */
  cycle(wishes?: CycleWishes): Promise<CycleResult>;
  close(): Promise<void>;
}

const overlapMs = 86_400_000;

/** Beside those of the workers, as the command line has them. */
const spareConnections = 2;

export async function openProduct(options: ProductOptions): Promise<Product> {
  const { clock, apiUrl, concurrency, requestsPerSecond } = options;
  const place = { url: options.databaseUrl, schema: null, maxConnections: concurrency + spareConnections };
  const database = openDatabase(place);
  await database.transaction((tx) => tx.execute(sql`select 1`));
  const store = createCycleStore(database, place, { host: 'bench', pid: process.pid });
  // The pace is the wall clock's, whatever the account's clock says.
  const rate = new RateBudget({ requestsPerSecond, clock: { now: () => Date.now() }, sleep });
  const get = createHttpGet(createDispatcher({}));
  const { signal } = new AbortController();
  return {
    async cycle({ full = false, observe = () => undefined } = {}) {
      const source = createWebsetsSource({
        baseUrl: apiUrl,
        apiKey,
        get,
        clock,
        sleep,
        random: Math.random,
        signal,
        rate,
        answers: createAnswerCounter(),
        timeoutMs: 30_000,
      });
      const wishes = {
        full,
        since: null,
        allSources: true,
        only: null,
        fullWalkDays: 7,
        walkAtLeastEveryMs: 21_600_000,
        overlapMs,
        dueGraceMs: 3_600_000,
        longestMs: Number.POSITIVE_INFINITY,
        acceptMissing: false,
      };
      const identities = await store.ensureSources([{ account: 'default', api: 'websets' }]);
      const result = await runCycle({
        sources: identities.map((identity) => ({ identity, source, concurrency })),
        store,
        clock,
        observe,
        signal,
        trigger: 'manual',
        options: wishes,
      });
      if (result.outcome.status !== 'succeeded') {
        throw new Error(`the cycle ended as ${result.outcome.status}: ${result.outcome.error}`, {
          cause: result.failure,
        });
      }
      return result;
    },
    close: () => database.close(),
  };
}
