/** The engine over the real source, a simulated account and a real database, with a clock that a test moves. */
import { setImmediate as macrotask } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { RateBudget } from '../../src/exa/http/rate-budget.ts';
import { createDispatcher } from '../../src/exa/http/dispatcher.ts';
import { createHttpGet } from '../../src/exa/http/http-get.ts';
import { createSearchSource, createWebsetsSource, type ExaSource } from '../../src/exa/source.ts';
import type { SimulatedAccount } from '../../src/simulator/account/account.ts';
import { createManualClock, type ManualClock } from '../../src/simulator/state/clock.ts';
import { startSimulator, type Simulator } from '../../src/simulator/http/server.ts';
import { createAnswerCounter, type AnswerCounter } from '../../src/sync/answer-counter.ts';
import { runCycle, type CycleResult } from '../../src/sync/cycle.ts';
import type { CycleOptions } from '../../src/sync/cycle-context.ts';
import type { CycleEvent } from '../../src/sync/cycle-events.ts';
import type { Clock, CycleStore, SourceIdentity } from '../../src/sync/ports.ts';
import { createCycleStore } from '../../src/warehouse/cycle/cycle-store.ts';
import { openDatabase, type Database } from '../../src/warehouse/connection/database.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

export const apiKey = 'sk-exactness/key+42';
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export type Api = 'websets' | 'search';

export interface SyncKitOptions {
  /** Makes the account that is served; by its clock the engine tells the time, too. */
  readonly account: (clock: ManualClock) => SimulatedAccount;
  /** Makes a second account, named `other`. Default: there is none. */
  readonly otherAccount?: (clock: ManualClock) => SimulatedAccount;
  /** What is read of each account. Default: Websets. */
  readonly apis?: readonly Api[];
  /** Default: one of the test's own. */
  readonly database?: TestDatabase;
  /** Rows asked for at a time. Default 200. */
  readonly pageSize?: number;
  readonly timeoutMs?: number;
  readonly host?: string;
  /** Beside the one that holds the lock. Default 5. */
  readonly maxConnections?: number;
  /** Where the sync finds the database, when something lies in between. Default: the database itself. */
  readonly databaseUrl?: string;
  /** Default: a minute. */
  readonly patienceMs?: number;
}

/** What is different in one cycle. */
interface CycleChanges extends Partial<CycleOptions> {
  readonly signal?: AbortSignal;
  /** Requests under way at once. Default 4. */
  readonly concurrency?: number;
  /** Rows asked for at a time, where it differs from the kit's. */
  readonly pageSize?: number;
  /** Puts something between the engine and its source. */
  readonly wrapSource?: (source: ExaSource, identity: SourceIdentity) => ExaSource;
  /** Puts something between the engine and its store. */
  readonly wrapStore?: (store: CycleStore) => CycleStore;
  readonly observe?: (event: CycleEvent) => void;
  /** The engine's, when it differs from the account's. */
  readonly clock?: Clock;
}

interface CycleRun extends CycleResult {
  /** Those that arrived at the simulators. */
  readonly requests: number;
}

export interface SyncKit {
  readonly clock: ManualClock;
  readonly account: SimulatedAccount;
  readonly accounts: readonly SimulatedAccount[];
  readonly simulator: Simulator;
  /** Of all accounts. */
  readonly simulators: readonly Simulator[];
  /** The sources as the warehouse numbers them: the APIs of the first account, then those of the other. */
  identities(): Promise<readonly SourceIdentity[]>;
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
  allSources: true,
  only: null,
  fullWalkDays: 7,
  walkAtLeastEveryMs: 6 * hourMs,
  overlapMs: dayMs,
  dueGraceMs: hourMs,
  longestMs: 365 * dayMs,
  acceptMissing: false,
};

/** A kit for one test, closed with it. */
export async function useSyncKit(options: SyncKitOptions): Promise<SyncKit> {
  const kit = await createSyncKit(options);
  onTestFinished(() => kit.close());
  return kit;
}

export async function createSyncKit(options: SyncKitOptions): Promise<SyncKit> {
  const clock = createManualClock(Date.UTC(2026, 2, 10, 12));
  const account = options.account(clock);
  const other = options.otherAccount?.(clock);
  const accounts = [
    { name: 'default', account },
    ...(other === undefined ? [] : [{ name: 'other', account: other }]),
  ];
  const testDatabase = options.database ?? (await createTestDatabase());
  const simulators = await Promise.all(
    accounts.map((each) =>
      startSimulator({ account: each.account, apiKey, dateHeader: 'account', recordRequests: true }),
    ),
  );
  const [simulator] = simulators;
  if (simulator === undefined) throw new Error('there is no account');
  const where = {
    url: options.databaseUrl ?? testDatabase.url,
    schema: null,
    maxConnections: options.maxConnections ?? 5,
    ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
  };
  const database = openDatabase(where);
  const host = { host: options.host ?? 'test', pid: process.pid, version: 'test' };
  const store = createCycleStore(database, where, host);
  const apis = options.apis ?? ['websets'];
  const openSource = createSources(options);
  const kinds = accounts.flatMap(({ name }, index) =>
    apis.map((api) => ({ key: { account: name, api }, api, simulator: simulators[index] ?? simulator })),
  );
  let ensured: Promise<readonly SourceIdentity[]> | null = null;
  const identities = () => (ensured ??= store.ensureSources(kinds.map(({ key }) => key)));
  const source = (signal = new AbortController().signal) =>
    openSource({ simulator, api: apis[0] ?? 'websets', signal, answers: createAnswerCounter() });
  const requests = (): number => simulators.reduce((sum, each) => sum + each.requests.total, 0);
  return {
    clock,
    account,
    accounts: accounts.map((each) => each.account),
    simulator,
    simulators,
    identities,
    testDatabase,
    database,
    store,
    source,
    cycle: async (changes = {}) => {
      const before = requests();
      const { signal = new AbortController().signal, wrapSource, wrapStore, observe, ...others } = changes;
      const { clock: engineClock = clock, concurrency = 4, pageSize, ...changed } = others;
      const answers = createAnswerCounter();
      const known = await identities();
      const result = await runCycle({
        sources: kinds.flatMap((kind, index) => {
          const identity = known[index];
          if (identity === undefined) return [];
          const plain = openSource({
            ...kind,
            signal,
            answers,
            ...(pageSize === undefined ? {} : { pageSize }),
          });
          return [{ identity, source: wrapSource?.(plain, identity) ?? plain, concurrency }];
        }),
        store: wrapStore?.(store) ?? store,
        clock: engineClock,
        observe: observe ?? (() => undefined),
        signal,
        trigger: 'manual',
        options: { ...cycleOptions, ...changed },
      });
      return { ...result, requests: requests() - before };
    },
    close: async () => {
      await Promise.all(simulators.map((each) => each.close()));
      await database.close();
    },
  };
}

interface WantedSource {
  readonly simulator: Simulator;
  readonly api: Api;
  readonly signal: AbortSignal;
  readonly answers: AnswerCounter;
  readonly pageSize?: number;
}

/** Sources that wait for nothing: a sleep moves their clock and returns. */
function createSources(options: SyncKitOptions): (wanted: WantedSource) => ExaSource {
  const { pageSize: usualSize = 200, timeoutMs = 5000 } = options;
  let waitedMs = 0;
  const clock = { now: () => Date.now() + waitedMs };
  const sleep = async (ms: number): Promise<void> => {
    waitedMs += ms;
    await macrotask();
  };
  const rate = new RateBudget({ requestsPerSecond: 0, clock, sleep });
  return ({ simulator, api, signal, answers, pageSize = usualSize }) => {
    const common = {
      baseUrl: simulator.url,
      apiKey,
      get: createHttpGet(createDispatcher({})),
      clock,
      sleep,
      random: () => 0.5,
      signal,
      answers,
      rate,
      pageSize,
      timeoutMs,
    };
    return api === 'websets'
      ? createWebsetsSource(common)
      : createSearchSource({ ...common, outputs: 'everything' });
  };
}
