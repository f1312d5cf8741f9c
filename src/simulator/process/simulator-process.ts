import { z } from 'zod';
import type { SimulatedAccount } from '../account/account.ts';
import { createManualClock, systemClock } from '../state/clock.ts';
import type { ManualClock } from '../state/clock.ts';
import { createFaultPlan } from '../answers/fault-plan.ts';
import type { FaultPlan } from '../answers/fault-plan.ts';
import { generateAccount } from '../account/generate-account.ts';
import type { RequestCounts } from '../http/request-log.ts';
import { startSimulator } from '../http/server.ts';
import type { Simulator } from '../http/server.ts';

const rateLimit = z.object({
  requestsPerSecond: z.number().nonnegative(),
  retryAfter: z.enum(['seconds', 'date', 'none']).default('seconds'),
});

const processOptions = z.object({
  apiKey: z.string(),
  port: z.number().int().default(0),
  /** Null: the account follows the system's clock and cannot be advanced. */
  clockStartMs: z.number().nullable().default(null),
  latencyMs: z.number().default(0),
  rateLimit: rateLimit.default({ requestsPerSecond: 0, retryAfter: 'seconds' }),
  account: z.object({
    monitors: z.number().int(),
    runsPerMonitor: z.number().int(),
    openRunsPerMonitor: z.number().int().default(0),
    seed: z.number().int().default(1),
    websets: z.number().int().default(12),
    disabledShare: z.number().default(0),
    firesOnSchedule: z.boolean().default(true),
    searchMonitors: z.number().int().default(0),
    runsPerSearchMonitor: z.number().int().default(0),
    textLength: z.number().int().default(0),
  }),
});

const lastRun = z.union([
  z.enum(['newest', 'null', 'wrong']),
  z.object({ lateByMs: z.number() }),
  z.object({ lateByRuns: z.number() }),
]);

const command = z.discriminatedUnion('do', [
  z.object({ do: z.literal('advance'), ms: z.number() }),
  z.object({ do: z.literal('setFaults'), plan: z.custom<FaultPlan>(isObject).nullable() }),
  z.object({ do: z.literal('setLatency'), ms: z.number() }),
  z.object({ do: z.literal('setRateLimit'), rateLimit }),
  z.object({ do: z.literal('setLastRun'), lastRun }),
  /** One completed run for each of the newest monitors of an API. */
  z.object({
    do: z.literal('addRuns'),
    monitors: z.number().int(),
    api: z.enum(['websets', 'search']).default('websets'),
  }),
  z.object({ do: z.literal('counts') }),
  z.object({ do: z.literal('resetCounts') }),
  z.object({ do: z.literal('stop') }),
]);

const message = z.object({ id: z.number(), command });

export type SimulatorProcessOptions = z.input<typeof processOptions>;
export type SimulatorCommand = z.input<typeof command>;

/** What the process sends back for each command. */
export interface SimulatorReply {
  readonly id: number;
  /** As they were when the command arrived. */
  readonly counts: RequestCounts;
  /** Why the command was not obeyed; null: it was. */
  readonly error: string | null;
}

interface Served {
  readonly account: SimulatedAccount;
  readonly simulator: Simulator;
  readonly manualClock: ManualClock | null;
}

/**
 * Serves a generated account as a process of its own, so that its CPU and memory are not counted with those of the
 * client that is measured. For a script that is forked: takes its options as JSON in the first argument, prints
 * `{"url": …}` as a line, obeys commands over IPC, and ends with its parent.
 */
export async function runSimulatorProcess(self: NodeJS.Process): Promise<void> {
  const options = processOptions.parse(JSON.parse(self.argv[2] ?? '{}'));
  const manualClock = options.clockStartMs === null ? null : createManualClock(options.clockStartMs);
  const account = generateAccount({ ...options.account, clock: manualClock ?? systemClock });
  const simulator = await startSimulator({ ...options, account });

  const answer = async (given: unknown): Promise<void> => {
    const { id, command: wanted } = message.parse(given);
    const { counts } = simulator.requests;
    const error = await obey(wanted, { account, simulator, manualClock }).then(
      () => null,
      (reason: unknown) => String(reason),
    );
    const reply: SimulatorReply = { id, counts, error };
    self.send?.(reply, () => wanted.do === 'stop' && self.disconnect?.());
  };
  self.on('message', (given: unknown) => void answer(given));
  self.once('disconnect', () => void simulator.close());
  self.stdout.write(`${JSON.stringify({ url: simulator.url })}\n`);
}

async function obey(wanted: z.output<typeof command>, served: Served): Promise<void> {
  const { account, simulator, manualClock } = served;
  switch (wanted.do) {
    case 'advance':
      if (manualClock === null) {
        throw new Error('the system clock cannot be advanced: start with clockStartMs');
      }
      return manualClock.advance(wanted.ms);
    case 'setFaults':
      return simulator.setFaults(wanted.plan === null ? null : createFaultPlan(wanted.plan));
    case 'setLatency':
      return simulator.setLatencyMs(wanted.ms);
    case 'setRateLimit':
      return simulator.setRateLimit(wanted.rateLimit);
    case 'setLastRun':
      account.quirks.lastRun = wanted.lastRun;
      return undefined;
    case 'addRuns': {
      const side = wanted.api === 'websets' ? account : account.search;
      for (const id of side.monitorIds().slice(0, wanted.monitors)) {
        side.addRun(id, { outcome: 'completed' });
      }
      return undefined;
    }
    case 'resetCounts':
      return simulator.requests.reset();
    case 'stop':
      return simulator.close();
    case 'counts':
      return undefined;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
