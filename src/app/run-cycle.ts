import type { Logger } from 'pino';
import type { ConfigWith } from '../config/parse-config.ts';
import { RateBudget } from '../exa/http/rate-budget.ts';
import type { RequestEvent } from '../exa/http/request-event.ts';
import type { ListLimits } from '../exa/list-limits.ts';
import { createWebsetsSource, type ExaSource } from '../exa/source.ts';
import { runCycle, type CycleResult } from '../sync/cycle.ts';
import { createAnswerCounter } from '../sync/answer-counter.ts';
import type { CycleOptions } from '../sync/cycle-context.ts';
import type { CycleObserver, Trigger } from '../sync/ports.ts';
import { logCycle } from './log-cycle.ts';
import type { Warehouse } from './open-warehouse.ts';
import type { Surroundings } from './surroundings.ts';

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

export function createRateBudget(
  config: Pick<SyncConfig, 'exaRequestsPerSecond'>,
  { clock, sleep }: Surroundings,
): RateBudget {
  return new RateBudget({ requestsPerSecond: config.exaRequestsPerSecond, clock, sleep });
}

/** A source for one cycle. */
export function openSource(
  { config, surroundings, rate, limits }: Omit<SyncSetup, 'warehouse' | 'logger'>,
  onEvent: (event: RequestEvent) => void = () => undefined,
): ExaSource {
  const { get, clock, sleep, random, interruption } = surroundings;
  return createWebsetsSource({
    baseUrl: config.exaBaseUrl,
    apiKey: config.exaApiKey,
    get,
    clock,
    sleep,
    random,
    signal: interruption.signal,
    rate,
    pageSize: config.exaPageSize,
    answers: createAnswerCounter(),
    timeoutMs: config.exaTimeoutMs,
    onEvent,
    ...(limits === undefined ? {} : { limits }),
  });
}

export function cycleOptions(config: SyncConfig, request: SyncRequest): CycleOptions {
  return {
    ...request,
    fullWalkDays: config.syncFullWalkDays,
    overlapMs: config.syncOverlapHours * 3_600_000,
  };
}

/** The one source that is read so far. */
export const defaultSource = { account: 'default', api: 'websets' };

/** Runs one cycle with its log lines. @throws what `runCycle` throws. */
export async function syncOnce(
  setup: SyncSetup,
  request: SyncRequest,
  occasion: CycleOccasion,
): Promise<CycleResult> {
  const { config, warehouse, surroundings, logger } = setup;
  const identities = await warehouse.store.ensureSources([defaultSource]);
  const source = openSource(setup, occasion.onRequest);
  return runCycle({
    sources: identities.map((identity) => ({ identity, source, concurrency: config.syncConcurrency })),
    store: warehouse.store,
    clock: surroundings.clock,
    observe: (event) => {
      occasion.observe(event);
      logCycle(logger, event);
    },
    signal: surroundings.interruption.signal,
    trigger: occasion.trigger,
    options: cycleOptions(config, request),
  });
}
