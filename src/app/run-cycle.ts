import type { ConfigWith } from '../config/parse-config.ts';
import { RateBudget } from '../exa/http/rate-budget.ts';
import type { RequestEvent } from '../exa/http/request-event.ts';
import type { ListLimits } from '../exa/list-limits.ts';
import { createWebsetsSource, type ExaSource } from '../exa/source.ts';
import { runCycle, type CycleResult } from '../sync/cycle.ts';
import { createAnswerCounter } from '../sync/answer-counter.ts';
import type { CycleOptions } from '../sync/cycle-context.ts';
import type { Logger } from '../sync/logger.ts';
import { planDryRun, type DryRun } from '../sync/plan/plan-dry-run.ts';
import type { CycleObserver, MonitorStates, Trigger } from '../sync/ports.ts';
import { findMigrationState } from '../warehouse/upkeep/migrate.ts';
import { failInWords, inWords } from './database-failure.ts';
import { healDerived } from './heal-derived.ts';
import { logCycle } from './log-cycle.ts';
import type { Warehouse } from './open-warehouse.ts';
import type { Surroundings } from './surroundings.ts';
import { requireTables } from './tables.ts';

export type SyncConfig = ConfigWith<'exaApiKey'>;

/** What one cycle or several share. */
export interface SyncSetup {
  readonly config: SyncConfig;
  readonly warehouse: Warehouse;
  readonly surroundings: Surroundings;
  readonly logger: Logger;
  /** The pace holds across cycles. */
  readonly rate: RateBudget;
  /** What cycles have learned about the API. */
  readonly limits?: ListLimits;
}

/** Why a cycle is started, and who else wants to know what happens in it. */
export interface CycleOccasion {
  readonly trigger: Trigger;
  readonly observe: CycleObserver;
  readonly onRequest: (event: RequestEvent) => void;
}

/** What a person can ask of one cycle. */
export type SyncRequest = Pick<CycleOptions, 'full' | 'since' | 'only'>;

/** All monitors, as far as the plan wants to read them. */
export const everything: SyncRequest = { full: false, since: null, only: null };

export function createRateBudget(
  config: Pick<SyncConfig, 'exaRequestsPerSecond'>,
  { clock, sleep }: Pick<Surroundings, 'clock' | 'sleep'>,
): RateBudget {
  return new RateBudget({ requestsPerSecond: config.exaRequestsPerSecond, clock, sleep });
}

/** A source for one cycle. */
export function openSource(
  { config, surroundings, rate, limits }: Omit<SyncSetup, 'warehouse' | 'logger'>,
  onEvent: (event: RequestEvent) => void = () => undefined,
): ExaSource {
  const { get, clock, sleep, random, signal } = surroundings;
  return createWebsetsSource({
    baseUrl: config.exaBaseUrl,
    apiKey: config.exaApiKey,
    get,
    clock,
    sleep,
    random,
    signal,
    rate,
    pageSize: config.exaPageSize,
    answers: createAnswerCounter(),
    timeoutMs: config.exaTimeoutMs,
    onEvent,
    ...(limits === undefined ? {} : { limits }),
  });
}

function cycleOptions(config: SyncConfig, request: SyncRequest): CycleOptions {
  return {
    ...request,
    fullWalkDays: config.syncFullWalkDays,
    overlapMs: config.syncOverlapHours * 3_600_000,
  };
}

/** The one source that is read so far. */
const defaultSource = { account: 'default', api: 'websets' };

/** What a cycle would do now: reads the listing and nothing else, writes nothing. */
export async function planOnly(setup: SyncSetup, request: SyncRequest): Promise<DryRun> {
  const { config, surroundings } = setup;
  return planDryRun({
    source: openSource(setup),
    states: await loadStates(setup),
    nowMs: surroundings.clock.now(),
    options: cycleOptions(config, request),
    requestsPerSecond: config.exaRequestsPerSecond,
  });
}

/** Nothing is known where there are no tables yet; a dry run makes none. */
async function loadStates({ warehouse, logger }: SyncSetup): Promise<MonitorStates> {
  const { isEmpty } = await findMigrationState(warehouse.database);
  if (isEmpty) {
    return {
      checkpoints: new Map(),
      monitorsWithRejectedRuns: new Set(),
      openRuns: new Map(),
      previousCycleAt: null,
    };
  }
  await requireTables(warehouse, logger);
  const [identity] = await warehouse.store.ensureSources([defaultSource]);
  if (identity === undefined) throw new Error('the warehouse knows no source');
  return warehouse.store.loadMonitorStates(identity.id);
}

/**
 * Runs one cycle with its log lines. What ended a cycle that failed is in words.
 * @throws LockHeldError; what kept the cycle from being opened.
 */
export async function syncOnce(
  setup: SyncSetup,
  request: SyncRequest,
  occasion: CycleOccasion,
): Promise<CycleResult> {
  const { config, warehouse, surroundings, logger } = setup;
  const { store, target } = warehouse;
  const { clock, signal } = surroundings;
  const result = await failInWords(target, async () => {
    await healDerived(warehouse, surroundings.random, logger);
    const identities = await store.ensureSources([defaultSource]);
    const source = openSource(setup, occasion.onRequest);
    return runCycle({
      sources: identities.map((identity) => ({ identity, source, concurrency: config.syncConcurrency })),
      store,
      clock,
      observe: (event) => {
        occasion.observe(event);
        logCycle(logger, event);
      },
      signal,
      trigger: occasion.trigger,
      options: cycleOptions(config, request),
    });
  });
  return { ...result, failure: result.failure === null ? null : inWords(result.failure, target) };
}
