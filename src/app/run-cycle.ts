import type { Account } from '../config/settings.ts';
import type { Config } from '../config/settings.ts';
import type { SourceRequestEvent } from '../exa/http/request-event.ts';
import { runCycle, type CycleResult } from '../sync/cycle.ts';
import type { CycleOptions } from '../sync/cycle-context.ts';
import type { Logger } from '../sync/logger.ts';
import type { CycleObserver } from '../sync/cycle-events.ts';
import type { Trigger } from '../sync/ports.ts';
import { failInWords, inWords } from './database-failure.ts';
import { healDerived } from './upkeep/heal-derived.ts';
import { logCycle } from './log-cycle.ts';
import { checkAccounts, identifyAccounts, type AskedAccount } from './sources/check-account.ts';
import {
  allSources,
  openSources,
  type AccountMemory,
  type OpenedSource,
  type SourceSelection,
} from './sources/open-sources.ts';
import type { Warehouse } from './open-warehouse.ts';
import type { Surroundings } from './surroundings.ts';

/** What one cycle or several share. */
export interface SyncSetup {
  readonly config: Config;
  readonly warehouse: Warehouse;
  readonly surroundings: Surroundings;
  readonly logger: Logger;
  /** The accounts as they are now: keys change while a service runs. */
  readonly loadAccounts: () => Promise<readonly Account[]>;
  readonly memory: AccountMemory;
}

/** Why a cycle is started, and who else wants to know what happens in it. */
export interface CycleOccasion {
  readonly trigger: Trigger;
  readonly observe: CycleObserver;
  readonly onRequest: (event: SourceRequestEvent) => void;
}

/** What a person can ask of one cycle. */
export interface SyncRequest extends Pick<CycleOptions, 'full' | 'since' | 'only' | 'acceptMissing'> {
  readonly sources: SourceSelection;
}

/** All monitors, as far as the plan wants to read them. */
export const everything: SyncRequest = {
  full: false,
  since: null,
  only: null,
  acceptMissing: false,
  sources: allSources,
};

export function cycleOptions(config: Config, request: SyncRequest): CycleOptions {
  return {
    full: request.full,
    since: request.since,
    allSources: request.sources.account === null && request.sources.api === null,
    only: request.only,
    acceptMissing: request.acceptMissing,
    fullWalkDays: config.syncFullWalkDays,
    walkAtLeastEveryMs: config.syncSearchWalkHours * 3_600_000,
    overlapMs: config.syncOverlapHours * 3_600_000,
    dueGraceMs: config.syncDueGraceMinutes * 60_000,
    longestMs: config.syncMaxMinutes * 60_000,
  };
}

/**
 * Runs one cycle with its log lines. What ended a cycle that failed is in words.
 * @throws LockHeldError; ConfigError for a key of another team; what kept the cycle from being opened.
 */
export async function syncOnce(
  setup: SyncSetup,
  request: SyncRequest,
  { trigger, observe, onRequest }: CycleOccasion,
): Promise<CycleResult> {
  const { config, warehouse, surroundings, logger, memory } = setup;
  const { database, store, target } = warehouse;
  const { clock, signal } = surroundings;
  const accounts = await setup.loadAccounts();
  const selection = request.sources;
  const opened = openSources({ config, surroundings, accounts, memory, selection, onRequest });
  const asked = accountsOf(opened);
  const result = await failInWords(target, async () => {
    await checkAccounts(asked, database);
    await healDerived(warehouse, surroundings.random, logger);
    const identities = await store.ensureSources(opened.map(({ account, api }) => ({ account, api })));
    const ended = await runCycle({
      sources: opened.flatMap(({ source }, index) => {
        const identity = identities[index];
        return identity === undefined ? [] : [{ identity, source, concurrency: config.syncConcurrency }];
      }),
      store,
      clock,
      observe: (event) => {
        observe(event);
        logCycle(logger, event);
      },
      signal,
      trigger,
      options: cycleOptions(config, request),
    });
    await identifyAccounts(readAccounts(asked, ended), database);
    return ended;
  });
  return { ...result, failure: result.failure === null ? null : inWords(result.failure, target) };
}

/** Each account once. */
function accountsOf(opened: readonly OpenedSource[]): readonly AskedAccount[] {
  return [...new Map(opened.map(({ account, asked }) => [account, asked])).values()];
}

/** Those of which at least one API has answered. */
function readAccounts(accounts: readonly AskedAccount[], { outcome }: CycleResult): readonly AskedAccount[] {
  const read = outcome.sources.filter(({ status }) => status === 'succeeded' || status === 'partial');
  return accounts.filter(({ name }) => read.some(({ source }) => source.account === name));
}
