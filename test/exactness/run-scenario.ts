import type { Sql } from 'postgres';
import type { FaultHook } from '../../src/simulator/faults.ts';
import type { TestDatabase } from '../postgres/database.ts';
import { CrashingStore } from './crashing-store.ts';
import { endLockHolder } from './lock-holder.ts';
import { ScenarioAccount } from './scenario-account.ts';
import type { CycleMode, Incident, Scenario } from './scenario.ts';
import { createSyncKit, dayMs, hourMs, type SyncKit } from './sync-kit.ts';
import { compareWithTruth } from './truth.ts';
import { Witness } from './witness.ts';

/** What happened in all scenarios together: shows that the faults do bite. */
export interface Happened {
  scenarios: number;
  cycles: Record<string, number>;
  requests: number;
  faults: number;
  changesWhileReading: number;
  crashes: number;
}

export function nothingHappened(): Happened {
  return { scenarios: 0, cycles: {}, requests: 0, faults: 0, changesWhileReading: 0, crashes: 0 };
}

/** Enough cycles for a walk that has to start over twice. */
const honestCycles = 4;

/** Lives through a scenario in an emptied database. @throws Error that names each broken promise. */
export async function runScenario(
  scenario: Scenario,
  database: TestDatabase,
  happened: Happened,
): Promise<void> {
  await emptyTables(database.sql);
  let life: ScenarioAccount | null = null;
  const kit = await createSyncKit({
    database,
    pageSize: scenario.pageSize,
    timeoutMs: 40,
    maxConnections: 2,
    account: (clock) => (life = new ScenarioAccount(scenario, clock)).account,
  });
  try {
    if (life === null) throw new Error('the kit asked for no account');
    await new ScenarioRun(scenario, kit, life, happened).run();
    happened.scenarios += 1;
  } finally {
    await kit.close();
  }
}

class ScenarioRun {
  readonly #scenario: Scenario;
  readonly #kit: SyncKit;
  readonly #life: ScenarioAccount;
  readonly #witness: Witness;
  readonly #happened: Happened;

  constructor(scenario: Scenario, kit: SyncKit, life: ScenarioAccount, happened: Happened) {
    this.#scenario = scenario;
    this.#kit = kit;
    this.#life = life;
    this.#witness = new Witness(kit.account);
    this.#happened = happened;
  }

  async run(): Promise<void> {
    for (const [index, step] of this.#scenario.steps.entries()) {
      if (step.do === 'change') this.#life.apply(step.change);
      else await this.#cycle(`step ${index + 1}`, step.mode, step.incidents);
    }
    await this.#settle();
  }

  /** Honest cycles until one succeeds; then nothing at all may be different. */
  async #settle(): Promise<void> {
    // Runs that look stuck are asked for once a day.
    if (this.#life.mayHaveOldOpenRuns) this.#kit.clock.advance(dayMs + hourMs);
    const full = this.#life.needsFullWalk || !this.#life.lastRunIsHonest;
    let status = '';
    for (let cycle = 1; cycle <= honestCycles && status !== 'succeeded'; cycle += 1) {
      status = await this.#cycle(`honest cycle ${cycle}`, full ? 'full' : 'incremental', []);
    }
    if (status !== 'succeeded')
      throw new Error(`after ${honestCycles} honest cycles the last one is ${status}`);
    const { unmarked, ...different } = await compareWithTruth(this.#kit.testDatabase.sql, this.#kit.account);
    const left = {
      ...different,
      // A deleted run that shares its instant with the edge of a page may go unnoticed for a while; a monitor not.
      unmarked: unmarked.filter((line) => line.startsWith('monitor')),
      running: await this.#kit.testDatabase.sql`select id from sync_cycles where status = 'running'`,
    };
    if (Object.values(left).some(({ length }) => length > 0)) throw new Error(JSON.stringify(left, null, 1));
  }

  async #cycle(name: string, mode: CycleMode, incidents: readonly Incident[]): Promise<string> {
    const interruption = new AbortController();
    const kept = await this.#kit.testDatabase.sql`select from sync_checkpoints where walk_cursor is not null`;
    this.#life.beforeCycle(kept.length > 0);
    const hadGap = this.#life.needsFullWalk;
    this.#life.needsFullWalk = false;
    const lastRunWasHonest = this.#life.lastRunIsHonest;
    this.#kit.simulator.setFaults(this.#faultHook(incidents, interruption));
    this.#witness.cycleStarts();
    const crashes = incidents.filter((incident) => incident.kind === 'crash');
    const store = new CrashingStore(this.#kit.store, crashes, this.#witness);
    const result = await this.#kit.cycle({
      ...this.#options(mode),
      concurrency: this.#scenario.concurrency,
      signal: interruption.signal,
      wrapSource: (source) => this.#witness.watchSource(source),
      wrapStore: () => store.asStore(),
    });
    await store.settle();
    const status = store.dead ? 'crashed' : result.outcome.status;
    this.#count(status, result.requests, store.dead);
    if (store.dead) await endLockHolder(this.#kit.testDatabase.sql);

    const sees = mode === 'full' || (mode === 'incremental' && !hadGap && lastRunWasHonest);
    const changedUnseen = this.#life.needsFullWalk || this.#life.mayHaveOldOpenRuns;
    const broken = await this.#witness.findBroken(this.#kit.testDatabase.sql, {
      succeededInFull: status === 'succeeded' && sees && !changedUnseen,
      claimsHold: !this.#life.cursorsMayHaveSkipped,
      unclaimed: this.#life.lateRunIds,
    });
    if (broken.length > 0) throw new Error(`${name} (${status}): ${broken.join('\n')}`);
    this.#life.needsFullWalk ||= hadGap && !(mode === 'full' && status === 'succeeded');
    return status;
  }

  #options(mode: CycleMode): { full?: boolean; since?: string; only?: ReadonlySet<string> } {
    const { account, clock } = this.#kit;
    switch (mode) {
      case 'incremental':
        return {};
      case 'full':
        return { full: true };
      case 'since':
        return { since: new Date(clock.now() - 8 * hourMs).toISOString() };
      case 'only':
        return { only: new Set(account.monitorIds().slice(0, 1)) };
    }
  }

  #faultHook(incidents: readonly Incident[], interruption: AbortController): FaultHook {
    const firstRequest = this.#kit.simulator.requests.total + 1;
    let requests = 0;
    return ({ ordinal }) => {
      requests = ordinal >= firstRequest ? requests + 1 : requests;
      let answer = null;
      for (const incident of incidents) {
        if (incident.kind === 'crash' || requests < incident.atRequest) continue;
        if (incident.kind === 'fault' && requests < incident.atRequest + incident.times) {
          answer ??= incident.fault;
          this.#happened.faults += 1;
        }
        if (requests !== incident.atRequest) continue;
        if (incident.kind === 'interrupt') interruption.abort();
        if (incident.kind === 'change') {
          this.#life.apply(incident.change);
          this.#happened.changesWhileReading += 1;
        }
      }
      return answer;
    };
  }

  #count(status: string, requests: number, crashed: boolean): void {
    this.#happened.cycles[status] = (this.#happened.cycles[status] ?? 0) + 1;
    this.#happened.requests += requests;
    if (crashed) this.#happened.crashes += 1;
  }
}

async function emptyTables(sql: Sql): Promise<void> {
  await sql`
    truncate monitors, monitor_runs, monitor_run_status_changes, sync_checkpoints, sync_cycles, rejected_runs
    restart identity`;
}
