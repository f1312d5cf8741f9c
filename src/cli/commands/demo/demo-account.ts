import type { SimulatedAccount } from '../../../simulator/account/account.ts';
import { generateAccount } from '../../../simulator/account/generate-account.ts';
import { startSimulator, type Simulator } from '../../../simulator/http/server.ts';
import type { Clock } from '../../../sync/ports.ts';

export const demoAccount = {
  name: 'default',
  apiKey: 'demo-key-of-the-simulated-account',
  keyName: 'EXA_API_KEY',
};

/** What the simulated API allows: as much as Exa's pay-as-you-go plan. */
const allowedRequestsPerSecond = 25;

/** What the demo's sync uses of it; the rest is for the team's searches. */
export const demoRequestsPerSecond = 20;

const monitorsWithOpenRun = 3;
const monitorsInOutage = 8;
const silentDays = 9;
const runsAfterChange = 3;
const dayMs = 86_400_000;

/** The demo's API, and what happens in its account between the two syncs. */
interface DemoAccount {
  readonly simulator: Simulator;
  /** A query becomes another one; the runs since have failed for it. */
  readonly changeQuery: () => void;
}

/**
 * Serves 20 monitors with 500 runs each, with the delay of a distant API. Three have a run that is still running; eight
 * failed three days ago for one reason, of one there has been no run for nine days, and the last three runs of one failed.
 */
export async function startDemoAccount(clock: Clock): Promise<DemoAccount> {
  const account = generateAccount({ monitors: 20, runsPerMonitor: 500, clock });
  const ids = account.monitorIds();
  for (const monitorId of ids.slice(0, monitorsWithOpenRun)) {
    const [newest] = account.runs(monitorId);
    if (newest !== undefined) account.updateRun(monitorId, newest.id, { outcome: null });
  }
  const rest = ids.slice(monitorsWithOpenRun);
  const dayOfOutage = new Date(clock.now() - 3 * dayMs).toISOString().slice(0, 10);
  for (const monitorId of rest.slice(0, monitorsInOutage)) {
    const runs = account.runs(monitorId).filter(({ createdAt }) => createdAt.startsWith(dayOfOutage));
    fail(account, monitorId, runs, 'Upstream error 503: the search backend is overloaded');
  }
  const [silent = '', changed = ''] = rest.slice(monitorsInOutage);
  const [last, ...missing] = account
    .runs(silent)
    .slice(0, silentDays + 1)
    .toReversed();
  for (const { id } of missing) account.deleteRun(silent, id);
  if (last !== undefined)
    account.finishRun(silent, last.id, { status: 'completed', atMs: Date.parse(last.createdAt) + 60_000 });
  const rejected = account.runs(changed).slice(0, runsAfterChange);
  fail(account, changed, rejected, 'The query was rejected: "competitor:(" is not a valid filter');
  const simulator = await startSimulator({
    account,
    apiKey: demoAccount.apiKey,
    rateLimit: { requestsPerSecond: allowedRequestsPerSecond },
    latencyMs: 40,
  });
  return { simulator, changeQuery: () => changeQuery(account, changed) };
}

function fail(
  account: SimulatedAccount,
  monitorId: string,
  runs: readonly { readonly id: string; readonly createdAt: string }[],
  failedReason: string,
): void {
  for (const { id, createdAt } of runs) {
    account.finishRun(monitorId, id, {
      status: 'failed',
      atMs: Date.parse(createdAt) + 20_000,
      failedReason,
    });
  }
}

/** Two hours before the first run that fails for it. */
function changeQuery(account: SimulatedAccount, monitorId: string): void {
  const monitor = account.monitors().find(({ id }) => id === monitorId);
  const first = account.runs(monitorId)[runsAfterChange - 1];
  if (monitor === undefined || first === undefined) return;
  const { behavior } = monitor;
  account.updateMonitor(monitorId, {
    behavior: { ...behavior, config: { ...behavior.config, query: `${behavior.config.query} competitor:(` } },
    updatedAtMs: Date.parse(first.createdAt) - 2 * 3_600_000,
  });
}
