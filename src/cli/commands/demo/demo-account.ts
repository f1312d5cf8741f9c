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

/** Serves 20 monitors with 500 runs each, three of which are still running, with the delay of a distant API. */
export function startDemoAccount(clock: Clock): Promise<Simulator> {
  const account = generateAccount({ monitors: 20, runsPerMonitor: 500, clock });
  for (const monitorId of account.monitorIds().slice(0, monitorsWithOpenRun)) {
    const [newest] = account.runs(monitorId);
    if (newest !== undefined) account.updateRun(monitorId, newest.id, { outcome: null });
  }
  return startSimulator({
    account,
    apiKey: demoAccount.apiKey,
    rateLimit: { requestsPerSecond: allowedRequestsPerSecond },
    latencyMs: 40,
  });
}
