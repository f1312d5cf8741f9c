import { SourceUnavailableError } from '../sync/errors.ts';
import { planDryRun, type DryRun } from '../sync/plan/plan-dry-run.ts';
import type { MonitorStates } from '../sync/ports.ts';
import { findSource } from '../warehouse/cycle/sources.ts';
import { findMigrationState } from '../warehouse/upkeep/migrate.ts';
import { openSources, type OpenedSource } from './sources/open-sources.ts';
import { cycleOptions, type SyncRequest, type SyncSetup } from './run-cycle.ts';
import { requireTables } from './upkeep/tables.ts';

const nothingKnown: MonitorStates = {
  checkpoints: new Map(),
  monitorsWithRejectedRuns: new Set(),
  monitorsWithMissingRows: new Set(),
  openRuns: new Map(),
  previousCycleAt: null,
};

/** What a cycle would do now: reads the listings of the sources and nothing else, writes nothing. */
export async function planOnly(setup: SyncSetup, request: SyncRequest): Promise<DryRun> {
  const { config, surroundings, memory } = setup;
  const accounts = await setup.loadAccounts();
  const opened = openSources({ config, surroundings, accounts, memory, selection: request.sources });
  const plans: DryRun[] = [];
  for (const one of opened) {
    try {
      plans.push(
        await planDryRun({
          source: one.source,
          states: await loadStates(setup, one),
          nowMs: surroundings.clock.now(),
          options: cycleOptions(config, request),
          requestsPerSecond: config.exaRequestsPerSecond,
        }),
      );
    } catch (error) {
      // A cycle would go on without it, too.
      if (!(error instanceof SourceUnavailableError)) throw error;
      setup.logger.warn({ account: one.account, api: one.api }, error.message);
    }
  }
  return sum(plans);
}

/** Nothing is known where there are no tables yet; a dry run makes none. */
async function loadStates(
  { warehouse, logger }: SyncSetup,
  { account, api }: OpenedSource,
): Promise<MonitorStates> {
  const { isEmpty } = await findMigrationState(warehouse.database);
  if (isEmpty) return nothingKnown;
  await requireTables(warehouse, logger);
  const { id } = await findSource(warehouse.database, { account, api });
  return warehouse.store.loadMonitorStates(id);
}

function sum(plans: readonly DryRun[]): DryRun {
  const total = (figure: (plan: DryRun) => number): number =>
    plans.reduce((result, plan) => result + figure(plan), 0);
  const limited = plans.every(({ estimatedSeconds }) => estimatedSeconds !== null);
  return {
    monitors: plans.flatMap(({ monitors }) => monitors),
    unlistedMonitors: (plans[0]?.unlistedMonitors ?? []).filter((id) =>
      plans.every(({ unlistedMonitors }) => unlistedMonitors.includes(id)),
    ),
    unreadableMonitors: plans.flatMap(({ unreadableMonitors }) => unreadableMonitors),
    openRuns: total(({ openRuns }) => openRuns),
    estimatedRequests: total(({ estimatedRequests }) => estimatedRequests),
    estimatedSeconds: limited ? total(({ estimatedSeconds }) => estimatedSeconds ?? 0) : null,
  };
}
