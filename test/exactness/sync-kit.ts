/** The engine over the real source, a simulated account and a real database, with a clock that a test moves. */
import { setImmediate as macrotask } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { RateBudget } from '../../src/exa/http/rate-budget.ts';
import { createDispatcher } from '../../src/exa/http/dispatcher.ts';
import { createHttpGet } from '../../src/exa/http/http-get.ts';
import { createWebsetsSource, type ExaSource } from '../../src/exa/source.ts';
import type { SimulatedAccount } from '../../src/simulator/account/account.ts';
import { createManualClock, type ManualClock } from '../../src/simulator/state/clock.ts';
import { startSimulator, type Simulator } from '../../src/simulator/http/server.ts';
import { createAnswerCounter } from '../../src/sync/answer-counter.ts';
import { runCycle, type CycleResult } from '../../src/sync/cycle.ts';
import type { CycleOptions } from '../../src/sync/cycle-context.ts';
import type { CycleEvent } from '../../src/sync/cycle-events.ts';
import type { Clock, CycleStore } from '../../src/sync/ports.ts';
import { createCycleStore } from '../../src/warehouse/cycle/cycle-store.ts';
import { openDatabase, type Database } from '../../src/warehouse/connection/database.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

export const apiKey = 'sk-exactness/key+42';
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export interface SyncKitOptions {
  /** Makes the account that is served; by its clock the engine tells the time, too. */
  readonly account: (clock: ManualClock) => SimulatedAccount;
  /** Default: one of the test's own. */
  readonly database?: TestDatabase;
  /** Rows asked for at a time. Default 200. */
  readonly pageSize?: number;
  readonly timeoutMs?: number;
  readonly host?: string;
  /** Beside the one that holds the lock. Default 5. */
  readonly maxConnections?: number;
}

/** What is different in one cycle. */
interface CycleChanges extends Partial<CycleOptions> {
  readonly signal?: AbortSignal;
  /** Requests under way at once. Default 4. */
  readonly concurrency?: number;
  /** Puts something between the engine and its source. */
  readonly wrapSource?: (source: ExaSource) => ExaSource;
  /** Puts something between the engine and its store. */
  readonly wrapStore?: (store: CycleStore) => CycleStore;
  readonly observe?: (event: CycleEvent) => void;
  /** The engine's, when it differs from the account's. */
  readonly clock?: Clock;
}

interface CycleRun extends CycleResult {
  /** Those that arrived at the simulator. */
  readonly requests: number;
}

export interface SyncKit {
  readonly clock: ManualClock;
  readonly account: SimulatedAccount;
  readonly simulator: Simulator;
  readonly testDatabase: TestDatabase;
  readonly database: Database;
  readonly store: CycleStore;
  /** A source like that of a cycle. */
  source(signal?: AbortSignal): ExaSource;
  cycle(changes?: CycleChanges): Promise<CycleRun>;
  close(): Promise<void>;
}

const cycleOptions: CycleOptions = {
  full: false,
  since: null,
  only: null,
  fullWalkDays: 7,
  walkAtLeastEveryMs: 6 * hourMs,
  overlapMs: dayMs,
  dueGraceMs: hourMs,
  acceptMissing: false,
};

/** The source that every warehouse has from the start. */
const websets = { id: 1, account: 'default', api: 'websets' };

/** A kit for one test, closed with it. */
export async function useSyncKit(options: SyncKitOptions): Promise<SyncKit> {
  const kit = await createSyncKit(options);
  onTestFinished(() => kit.close());
  return kit;
}

export async function createSyncKit(options: SyncKitOptions): Promise<SyncKit> {
  const clock = createManualClock(Date.UTC(2026, 2, 10, 12));
  const account = options.account(clock);
  const testDatabase = options.database ?? (await createTestDatabase());
  const simulator = await startSimulator({ account, apiKey, dateHeader: 'account', recordRequests: true });
  const where = { url: testDatabase.url, schema: null, maxConnections: options.maxConnections ?? 5 };
  const database = openDatabase(where);
  const host = { host: options.host ?? 'test', pid: process.pid, version: 'test' };
  const store = createCycleStore(database, where, host);
  const source = createSources(simulator, options);
  return {
    clock,
    account,
    simulator,
    testDatabase,
    database,
    store,
    source,
    cycle: async (changes = {}) => {
      const before = simulator.requests.total;
      const { signal = new AbortController().signal, wrapSource, wrapStore, observe, ...others } = changes;
      const { clock: engineClock = clock, concurrency = 4, ...changed } = others;
      const plainSource = source(signal);
      const opened = wrapSource?.(plainSource) ?? plainSource;
      const result = await runCycle({
        sources: [{ identity: websets, source: opened, concurrency }],
        store: wrapStore?.(store) ?? store,
        clock: engineClock,
        observe: observe ?? (() => undefined),
        signal,
        trigger: 'manual',
        options: { ...cycleOptions, ...changed },
      });
      return { ...result, requests: simulator.requests.total - before };
    },
    close: async () => {
      await simulator.close();
      await database.close();
    },
  };
}

/** Sources that wait for nothing: a sleep moves their clock and returns. */
function createSources(
  simulator: Simulator,
  { pageSize = 200, timeoutMs = 5000 }: SyncKitOptions,
): SyncKit['source'] {
  let waitedMs = 0;
  const clock = { now: () => Date.now() + waitedMs };
  const sleep = async (ms: number): Promise<void> => {
    waitedMs += ms;
    await macrotask();
  };
  const rate = new RateBudget({ requestsPerSecond: 0, clock, sleep });
  return (signal = new AbortController().signal) =>
    createWebsetsSource({
      baseUrl: simulator.url,
      apiKey,
      get: createHttpGet(createDispatcher({})),
      clock,
      sleep,
      random: () => 0.5,
      signal,
      answers: createAnswerCounter(),
      rate,
      pageSize,
      timeoutMs,
    });
}
