import type { Sql } from 'postgres';
import type { FaultHook } from '../../src/simulator/answers/faults.ts';
import type { TestDatabase } from '../postgres/database.ts';
import { BlindSpots } from './blind-spots.ts';
import { CrashingStore } from './crashing-store.ts';
import { endLockHolder } from './lock-holder.ts';
import { ScenarioAccount } from './scenario-account.ts';
import type { CycleMode, Incident, Scenario } from './scenario.ts';
import { createSyncKit, dayMs, hourMs, type SyncKit } from './sync-kit.ts';
import { compareWithTruth, loadRunRows } from './truth.ts';
import { Witness } from './witness.ts';

/** What happened in all scenarios together: shows that the faults do bite. */
export interface Happened {
  scenarios: number;
  cycles: Record<string, number>;
  requests: number;
  faults: number;
  changesWhileReading: number;
  crashes: number;
  /** Judgements of single runs after cycles that succeeded, and runs that could not be judged yet. */
  judged: { runs: number; excused: number };
}

export function nothingHappened(): Happened {
  return {
    scenarios: 0,
    cycles: {},
    requests: 0,
    faults: 0,
    changesWhileReading: 0,
    crashes: 0,
    judged: { runs: 0, excused: 0 },
  };
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
  const blindSpots = new BlindSpots();
  let life: ScenarioAccount | null = null;
  const kit = await createSyncKit({
    database,
    pageSize: scenario.pageSize,
    timeoutMs: 40,
    maxConnections: 2,
    account: (clock) => (life = new ScenarioAccount(scenario, clock, blindSpots)).account,
  });
  try {
    if (life === null) throw new Error('the kit asked for no account');
    await new ScenarioRun(scenario, { kit, life, blindSpots, happened }).run();
    happened.scenarios += 1;
  } finally {
    await kit.close();
  }
}

interface ScenarioParts {
  readonly kit: SyncKit;
  readonly life: ScenarioAccount;
  readonly blindSpots: BlindSpots;
  readonly happened: Happened;
}

class ScenarioRun {
  readonly #scenario: Scenario;
  readonly #kit: SyncKit;
  readonly #life: ScenarioAccount;
  readonly #blindSpots: BlindSpots;
  readonly #witness: Witness;
  readonly #happened: Happened;

  constructor(scenario: Scenario, { kit, life, blindSpots, happened }: ScenarioParts) {
    this.#scenario = scenario;
    this.#kit = kit;
    this.#life = life;
    this.#blindSpots = blindSpots;
    this.#witness = new Witness(kit.account, blindSpots);
    this.#happened = happened;
  }

  async run(): Promise<void> {
    for (const [index, step] of this.#scenario.steps.entries()) {
      if (step.do === 'change') this.#life.apply(step.change);
      else await this.#cycle(`step ${index + 1}`, step.mode, step.incidents);
    }
    await this.#settle();
    this.#happened.judged.runs += this.#witness.judged.runs;
    this.#happened.judged.excused += this.#witness.judged.excused;
  }

  /** Honest cycles until one succeeds; then nothing at all may be different. */
  async #settle(): Promise<void> {
    // Runs that look stuck are asked for once a day.
    if (this.#life.mayHaveOldOpenRuns) this.#kit.clock.advance(dayMs + hourMs);
    const mode = this.#blindSpots.areAny() || !this.#life.lastRunIsHonest ? 'full' : 'incremental';
    let status = '';
    for (let cycle = 1; cycle <= honestCycles && status !== 'succeeded'; cycle += 1) {
      status = await this.#cycle(`honest cycle ${cycle}`, mode, []);
    }
    if (status !== 'succeeded')
      throw new Error(`after ${honestCycles} honest cycles the last one is ${status}`);
    const { sql } = this.#kit.testDatabase;
    let { unmarked, ...different } = await compareWithTruth(sql, this.#kit.account);
    if (unmarked.length > 0) {
      // What went below covered ground is found by a walk over the whole list.
      await this.#cycle('last cycle', 'full', []);
      ({ unmarked, ...different } = await compareWithTruth(sql, this.#kit.account));
    }
    const mayStay = new Set(unmarked.length === 0 ? [] : await this.#mayStayUnmarked());
    const left = {
      ...different,
      unmarked: unmarked.filter((line) => !mayStay.has(line)),
      running: await sql`select id from sync_cycles where status = 'running'`,
    };
    if (Object.values(left).some(({ length }) => length > 0)) throw new Error(JSON.stringify(left, null, 1));
  }

  /** A deleted run goes unnoticed in a list of several pages that does not descend, or at the instant of another run. */
  async #mayStayUnmarked(): Promise<readonly string[]> {
    const { account } = this.#kit;
    const listed = new Set(account.monitorIds());
    const rows = await loadRunRows(this.#kit.testDatabase.sql);
    return rows
      .filter((row) => {
        const monitorId = String(row['monitorId']);
        const others = listed.has(monitorId) ? account.runs(monitorId) : [];
        const inNoOrder = account.quirks.runOrder === 'ascending' && others.length > this.#scenario.pageSize;
        return (
          inNoOrder || others.some((other) => Date.parse(other.createdAt) === Number(row['createdAt']) * 1000)
        );
      })
      .map(({ id }) => `run ${id}`);
  }

  async #cycle(name: string, mode: CycleMode, incidents: readonly Incident[]): Promise<string> {
    const interruption = new AbortController();
    const kept = await this.#kit.testDatabase
      .sql`select from sync_checkpoints where unfinished_walk is not null`;
    this.#life.beforeCycle(kept.length > 0);
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

    const broken = await this.#witness.findBroken(this.#kit.testDatabase.sql, {
      succeeded: status === 'succeeded',
      mode,
      lastRunIsHonest: lastRunWasHonest && this.#life.lastRunIsHonest,
      listingMayHaveSkipped: this.#life.listingMayHaveSkipped,
    });
    if (broken.length > 0) throw new Error(`${name} (${status}): ${broken.join('\n')}`);
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
