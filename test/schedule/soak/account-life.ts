import { between, createRandom, type Random } from '../../../src/simulator/state/random.ts';
import type { SimulatedAccount } from '../../../src/simulator/account/account.ts';
import { createFaultPlan, type FaultPlan } from '../../../src/simulator/answers/fault-plan.ts';
import { generateAccount } from '../../../src/simulator/account/generate-account.ts';
import type { ManualClock } from '../../../src/simulator/state/clock.ts';
import type { Simulator } from '../../../src/simulator/http/server.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export function createLivingAccount(clock: ManualClock): SimulatedAccount {
  return generateAccount({
    monitors: 12,
    runsPerMonitor: 250,
    openRunsPerMonitor: 1,
    disabledShare: 0.1,
    clock,
  });
}

/** What an API goes through in months; one after the other, each for some hours. */
const troubles: readonly FaultPlan[] = [
  { rules: [{ fault: { kind: 'status', status: 503 } }] },
  { rules: [{ fault: { kind: 'status', status: 401 } }] },
  { seed: 2, rules: [{ fault: { kind: 'status', status: 500, body: 'html' }, probability: 0.2 }] },
  { seed: 3, rules: [{ fault: { kind: 'reset' }, probability: 0.1 }] },
  { seed: 4, rules: [{ fault: { kind: 'truncatedBody', framing: 'framed' }, probability: 0.1 }] },
  {
    seed: 5,
    rules: [
      {
        fault: { kind: 'status', status: 429, retryAfter: { style: 'seconds', seconds: 20 } },
        probability: 0.1,
      },
    ],
  },
  { seed: 6, rules: [{ fault: { kind: 'repeatRows', rows: 3 }, endpoint: 'runs', probability: 0.5 }] },
  { seed: 7, rules: [{ fault: { kind: 'refuseCursor', status: 400 }, endpoint: 'runs', probability: 0.3 }] },
  { seed: 8, rules: [{ fault: { kind: 'fewerRows', rows: 7 }, endpoint: 'runs', probability: 0.5 }] },
  { seed: 9, rules: [{ fault: { kind: 'status', status: 404 }, endpoint: 'runs', probability: 0.1 }] },
];

/** Lets an account live on by an hour at a time: monitors come, run, change, fail and go, and troubles come and go. */
export class AccountLife {
  readonly #account: SimulatedAccount;
  readonly #simulator: Simulator;
  readonly #clock: ManualClock;
  readonly #random: Random = createRandom(20_260_310);
  #troubledHours = 0;
  /** So many have begun. */
  #troubles = 0;

  constructor(account: SimulatedAccount, simulator: Simulator, clock: ManualClock) {
    this.#account = account;
    this.#simulator = simulator;
    this.#clock = clock;
  }

  /** An hour in which things may happen. */
  passHour(): void {
    this.#clock.advance(hourMs);
    this.#changeTrouble();
    const random = this.#random;
    if (random() < 0.03)
      this.#account.addMonitor({ cadence: { cron: `${between(random, 0, 59)} */8 * * *` } });
    if (random() < 0.02) this.#account.deleteMonitor(this.#pickMonitor());
    if (random() < 0.05)
      this.#account.updateMonitor(this.#pickMonitor(), { metadata: { at: String(this.#clock.now()) } });
    if (random() < 0.1) this.#addFailures(this.#pickMonitor());
    if (random() < 0.03) this.#deleteRun(this.#pickMonitor());
    if (random() < 0.05) this.#account.addRun(this.#pickMonitor(), { startedAtMs: this.#clock.now() });
  }

  /** The troubles are over for good. */
  calmDown(): void {
    this.#troubledHours = 0;
    this.#simulator.setFaults(null);
  }

  #changeTrouble(): void {
    this.#troubledHours -= 1;
    if (this.#troubledHours === 0) this.#simulator.setFaults(null);
    if (this.#troubledHours > 0 || this.#random() > 0.15) return;
    this.#troubledHours = between(this.#random, 3, 5);
    const plan = troubles[this.#troubles % troubles.length];
    this.#troubles += 1;
    this.#simulator.setFaults(plan === undefined ? null : createFaultPlan(plan));
  }

  #pickMonitor(): string {
    const ids = this.#account.monitorIds();
    const id = ids[between(this.#random, 0, ids.length - 1)];
    if (id === undefined) throw new Error('no monitor is left');
    return id;
  }

  #addFailures(monitorId: string): void {
    for (let run = 0; run < between(this.#random, 1, 4); run += 1) {
      this.#account.addRun(monitorId, { outcome: 'failed', failedReason: 'the search found no page' });
    }
  }

  #deleteRun(monitorId: string): void {
    const runs = this.#account.runs(monitorId);
    const run = runs[between(this.#random, 0, Math.max(0, runs.length - 1))];
    if (run !== undefined) this.#account.deleteRun(monitorId, run.id);
  }
}
