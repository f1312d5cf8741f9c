import { setTimeout as wait } from 'node:timers/promises';
import { SimulatedAccount } from '../../src/simulator/account/account.ts';
import type { PageToSave, SavedPage, SavedRuns } from '../../src/sync/ports.ts';
import type { CycleResult } from '../../src/sync/cycle.ts';
import type { Run } from '../../src/sync/model.ts';
import { findWrongSummaries, rebuildSummaries } from '../../src/warehouse/upkeep/heal-summaries.ts';
import type { TestDatabase } from '../postgres/database.ts';
import { BlindSpots } from './blind-spots.ts';
import { CrashingStore, type CommitObserver } from './crashing-store.ts';
import { createHooks, Falsehoods, type JudgedSource } from './falsehoods.ts';
import { editByHand, emptyTables } from './hand-edits.ts';
import { endLockHolder } from './lock-holder.ts';
import { openLooseConnections, type LooseConnections } from './loose-connections.ts';
import { ScenarioSource } from './scenario-account.ts';
import { searchSide, websetsSide } from './scenario-side.ts';
import type { Change, CycleMode, Edit, Incident, Scenario } from './scenario.ts';
import { createSyncKit, dayMs, hourMs, type SyncKit } from './sync-kit.ts';
import { compareSource } from './truth.ts';
import { Witness } from './witness.ts';

/** What happened in all scenarios together: shows that the faults do bite. */
export interface Happened {
  scenarios: number;
  cycles: Record<string, number>;
  requests: number;
  faults: number;
  changesWhileReading: number;
  /** How often each misbehaviour of the API and of the database really occurred. */
  misbehaviours: Record<string, number>;
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
    misbehaviours: {},
    judged: { runs: 0, excused: 0 },
  };
}

/** Enough cycles for a walk that has to start over twice, and for connections that turn out to be frozen. */
const honestCycles = 6;
/** Far more than any cycle of a scenario takes, on a machine that does much else. */
const hangsAfterMs = 60_000;

/** Lives through a scenario in an emptied database. @throws Error that names each broken promise. */
export async function runScenario(
  scenario: Scenario,
  database: TestDatabase,
  happened: Happened,
): Promise<void> {
  await emptyTables(database.sql);
  const connections = await openLooseConnections(database.url);
  const has = (account: 0 | 1): boolean => scenario.places.some((place) => place.account === account);
  const kit = await createSyncKit({
    database,
    databaseUrl: connections.url,
    patienceMs: 1500,
    timeoutMs: 200,
    maxConnections: 2,
    account: (clock) => new SimulatedAccount({ clock, seed: 1 }),
    ...(has(1) ? { otherAccount: (clock) => new SimulatedAccount({ clock, seed: 2 }) } : {}),
    apis: [...new Set(scenario.places.map(({ api }) => api))],
  });
  try {
    const run = new ScenarioRun(scenario, { kit, connections, happened });
    await run.begin();
    await run.run();
    happened.scenarios += 1;
  } finally {
    await kit.close();
    await connections.close();
  }
}

interface ScenarioParts {
  readonly kit: SyncKit;
  readonly connections: LooseConnections;
  readonly happened: Happened;
}

interface LivingSource extends JudgedSource {
  readonly sourceId: number;
  readonly account: number;
  readonly witness: Witness;
}

class ScenarioRun implements CommitObserver {
  readonly #scenario: Scenario;
  readonly #kit: SyncKit;
  readonly #connections: LooseConnections;
  readonly #happened: Happened;
  readonly #falsehoods: Falsehoods;
  #sources: readonly LivingSource[] = [];
  #incidents: readonly Incident[] = [];
  #pageSize = 0;
  #isEdited = false;
  #lastError: string | null = null;
  #failures: string[] = [];
  #isCut = false;

  constructor(scenario: Scenario, { kit, connections, happened }: ScenarioParts) {
    this.#scenario = scenario;
    this.#kit = kit;
    this.#connections = connections;
    this.#happened = happened;
    this.#falsehoods = new Falsehoods(this.#count);
  }

  /** Fills the accounts. */
  async begin(): Promise<void> {
    const { clock, accounts } = this.#kit;
    const identities = await this.#kit.identities();
    this.#sources = this.#scenario.places.flatMap(({ account, api }, index) => {
      const [simulated, seed] = [accounts[account], this.#scenario.seeds[index]];
      const identity = identities.find(
        (each) => each.api === api && each.account === (account === 0 ? 'default' : 'other'),
      );
      if (simulated === undefined || seed === undefined || identity === undefined) return [];
      const side = api === 'websets' ? websetsSide(simulated) : searchSide(simulated);
      const { runOrder, cursors, monitorCursors } = seed;
      Object.assign(side.quirks, { runOrder, cursors, monitorCursors });
      if (api === 'search') simulated.search.quirks.listedOutputs = seed.listedOutputs;
      const blindSpots = new BlindSpots();
      const parts = { side, clock, blindSpots, happened: this.#count };
      const source = new ScenarioSource(`${identity.account[0]}${api[0]}-`, seed, parts);
      const witness = new Witness(identity.id, source, clock, blindSpots);
      return [{ source, blindSpots, sourceId: identity.id, account, witness }];
    });
    if (new Set(this.#sources.map(({ account }) => account)).size > 1) this.#count('two accounts');
    if (new Set(this.#sources.map(({ source }) => source.side.api)).size > 1) this.#count('both APIs');
  }

  async run(): Promise<void> {
    for (const [index, step] of this.#scenario.steps.entries()) {
      if (step.do === 'change') this.#apply(step.source, step.change);
      else if (step.do === 'edit') await this.#edit(step.edit);
      else await this.#cycle(`step ${index + 1}`, step.mode, step.pageSize, step.incidents);
    }
    await this.#settle();
    for (const { witness } of this.#sources) {
      this.#happened.judged.runs += witness.judged.runs;
      this.#happened.judged.excused += witness.judged.excused;
    }
  }

  /** Honest cycles until one succeeds; then nothing at all may be different. */
  async #settle(): Promise<void> {
    const sources = this.#sources.map(({ source }) => source);
    // A cursor that is the same everywhere lets no list of three pages be read.
    for (const { side } of sources) if (side.quirks.cursors === 'same') side.quirks.cursors = 'keyset';
    for (const { side } of sources)
      if (side.quirks.monitorCursors === 'same') side.quirks.monitorCursors = 'keyset';
    // Runs that look stuck are asked for once a day.
    if (sources.some(({ mayHaveOldOpenRuns }) => mayHaveOldOpenRuns)) this.#kit.clock.advance(dayMs + hourMs);
    const isKnown = this.#sources.every(({ source, blindSpots }) => source.isHonest && !blindSpots.areAny());
    const mode = isKnown ? 'incremental' : 'full';
    let status = '';
    for (let cycle = 1; cycle <= honestCycles && status !== 'succeeded'; cycle += 1) {
      status = await this.#cycle(`honest cycle ${cycle}`, mode, 3, []);
    }
    if (status !== 'succeeded')
      throw new Error(`after ${honestCycles} honest cycles the last one is ${status}: ${this.#lastError}`);
    let left = await this.#differences();
    if (left.unmarked.length > 0) {
      // What went below covered ground is found by a walk over the whole list.
      await this.#cycle('last cycle', 'full', 3, []);
      left = await this.#differences();
    }
    const { sql } = this.#kit.testDatabase;
    const broken = {
      ...left,
      running: await sql`select id from sync_cycles where status = 'running'`,
      wrongSummaries: this.#isEdited ? await this.#wrongSummaries() : [],
    };
    if (Object.values(broken).some(({ length }) => length > 0))
      throw new Error(JSON.stringify(broken, null, 1));
  }

  async #differences() {
    const { sql } = this.#kit.testDatabase;
    const found = { lost: [], doubled: [], stale: [], falselyAbsent: [], unmarked: [] };
    const all: Record<keyof typeof found, string[]> = found;
    for (const { source, sourceId } of this.#sources) {
      const served = source.side.served();
      const { unmarked, ...others } = await compareSource(sql, sourceId, served);
      all.lost.push(...others.lost);
      all.doubled.push(...others.doubled);
      all.stale.push(...others.stale);
      all.falselyAbsent.push(...others.falselyAbsent);
      // A deleted run goes unnoticed in a list of several pages that does not descend.
      const isTold = source.side.quirks.runOrder === 'descending';
      if (isTold) all.unmarked.push(...unmarked);
    }
    return all;
  }

  async #wrongSummaries(): Promise<readonly unknown[]> {
    const { sql } = this.#kit.testDatabase;
    return sql`select wrong_monitor_run_summaries(array(select id from monitors)) as id`;
  }

  #apply(index: number, change: Change): void {
    const sources = this.#sources.map(({ source }) => source);
    sources[index % sources.length]?.apply(change);
    if (change.kind === 'advance') for (const source of sources) source.clockAdvanced();
  }

  async #edit(edit: Edit): Promise<void> {
    const deleted = await editByHand(this.#kit.testDatabase.sql, edit);
    this.#count(edit.kind);
    if (deleted === null) return;
    this.#isEdited = true;
    for (const { witness } of this.#sources) witness.rowsDeleted(deleted.monitorId);
  }

  async #cycle(
    name: string,
    mode: CycleMode,
    pageSize: number,
    incidents: readonly Incident[],
  ): Promise<string> {
    const { sql } = this.#kit.testDatabase;
    const interruption = new AbortController();
    const kept = await sql`select from sync_checkpoints where unfinished_walk is not null`;
    if (kept.length > 0 && pageSize !== this.#pageSize) this.#count('page size changed under a kept cursor');
    this.#pageSize = pageSize;
    this.#incidents = incidents;
    this.#isCut = false;
    this.#failures = [];
    if (this.#isEdited) await this.#heal();
    for (const { source, witness } of this.#sources) {
      source.beforeCycle(kept.length > 0);
      witness.cycleStarts();
    }
    const wereHonest = this.#sources.map(({ source }) => source.isHonest);
    this.#setFaults(incidents, interruption);
    const crashes = incidents.filter((incident) => incident.kind === 'crash');
    const store = new CrashingStore(this.#kit.store, crashes, this);
    const result = await this.#inTime(name, mode, pageSize, store, interruption.signal);
    await store.settle();
    this.#lastError = [result?.outcome.error, ...this.#failures].join('; ');
    const status = store.dead ? 'crashed' : (result?.outcome.status ?? 'not opened');
    this.#happened.cycles[status] = (this.#happened.cycles[status] ?? 0) + 1;
    if (store.dead || this.#isCut) await this.#untilNothingIsUnderWay();
    await this.#judge(`${name} (${status}, ${this.#lastError})`, {
      mode,
      wereHonest,
      result: store.dead ? null : result,
    });
    return status;
  }

  /** @returns null when the cycle could not be opened, which a connection that is frozen may do. */
  async #inTime(
    name: string,
    mode: CycleMode,
    pageSize: number,
    store: CrashingStore,
    signal: AbortSignal,
  ): Promise<CycleResult | null> {
    const ended = new AbortController();
    const hanging = wait(hangsAfterMs, 'hangs' as const, { signal: ended.signal }).catch(() => null);
    const cycle = this.#kit
      .cycle({
        ...this.#options(mode),
        pageSize,
        concurrency: this.#scenario.concurrency,
        signal,
        wrapSource: (source, { id }) => {
          const living = this.#sources.find(({ sourceId }) => sourceId === id);
          return living?.witness.watchSource(source, (monitorId) => onResumed(living, monitorId)) ?? source;
        },
        wrapStore: () => store.asStore(),
        observe: (event) => {
          if (event.type === 'monitor-failed') this.#failures.push(event.error.message);
        },
      })
      .then(
        (result) => {
          this.#happened.requests += result.requests;
          return result;
        },
        (error: unknown) => {
          if (!this.#wasCut) throw error;
          return null;
        },
      );
    const first = await Promise.race([cycle, hanging]);
    ended.abort();
    if (first === 'hangs') throw new Error(`${name} hangs`);
    return first;
  }

  /** Connections of an earlier cycle may be frozen without anybody having noticed. */
  #wasCut = false;

  async #judge(
    name: string,
    {
      mode,
      wereHonest,
      result,
    }: {
      readonly mode: CycleMode;
      readonly wereHonest: readonly boolean[];
      readonly result: CycleResult | null;
    },
  ): Promise<void> {
    const broken: string[] = [];
    for (const [index, { source, sourceId, witness }] of this.#sources.entries()) {
      const outcome = result?.outcome.sources.find((each) => each.source.id === sourceId);
      broken.push(
        ...(await witness.findBroken(this.#kit.testDatabase.sql, {
          succeeded: outcome?.status === 'succeeded',
          mode,
          listingIsHonest: (wereHonest[index] ?? false) && source.isHonest,
          listingMayHaveSkipped: source.listingMayHaveSkipped,
        })),
      );
    }
    if (broken.length > 0) throw new Error(`${name}: ${broken.join('\n')}`);
  }

  async #heal(): Promise<void> {
    const { database } = this.#kit;
    try {
      await rebuildSummaries(database, await findWrongSummaries(database, 0));
    } catch (error) {
      // The program would end here as well; the next cycle tries again.
      if (!this.#wasCut) throw error;
    }
  }

  #options(mode: CycleMode): { full?: boolean; since?: string; only?: ReadonlySet<string> } {
    switch (mode) {
      case 'incremental':
        return {};
      case 'full':
        return { full: true };
      case 'since':
        return { since: new Date(this.#kit.clock.now() - 8 * hourMs).toISOString() };
      case 'only':
        return { only: new Set(this.#sources.flatMap(({ source }) => source.side.monitorIds()).slice(0, 1)) };
    }
  }

  #setFaults(incidents: readonly Incident[], interruption: AbortController): void {
    const hooks = createHooks({
      incidents,
      falsehoods: this.#falsehoods,
      judgedOf: (account, { api }) =>
        this.#sources.find((each) => each.account === account && each.source.side.api === api) ?? null,
      onServed: ({ source }, { endpoint, cursor }) => {
        if (endpoint === 'runs') this.#countPage(source, cursor);
      },
      onFault: (judged) => this.#onFault(judged),
      onChange: ({ source, change }) => {
        this.#apply(source, change);
        this.#happened.changesWhileReading += 1;
      },
      onInterrupt: () => interruption.abort(),
    });
    for (const [account, simulator] of this.#kit.simulators.entries()) simulator.setFaults(hooks(account));
  }

  #onFault({ source, blindSpots }: JudgedSource): void {
    this.#happened.faults += 1;
    // A server that keeps the place goes on where the answer was lost.
    if (source.side.quirks.cursors === 'same') {
      for (const id of source.side.monitorIds()) blindSpots.passedOver(id, source.runIds(id));
    }
    if (source.side.quirks.monitorCursors === 'same') source.listingMayHaveSkipped = true;
  }

  #countPage({ side, listedOutputs }: ScenarioSource, cursor: string | null): void {
    if (side.api === 'search' && listedOutputs === 'missing') this.#count('page without outputs');
    const { cursors, runOrder } = side.quirks;
    if (cursor !== null && cursors !== 'keyset') this.#count(`${cursors} cursor`);
    if (runOrder === 'updatedAt') this.#count('page in order of updatedAt');
    if (typeof runOrder === 'object') this.#count('page of a list that rises late');
  }

  beforeWrite(ordinal: number): void {
    for (const incident of this.#incidents) {
      if (incident.kind !== 'cut' || incident.atWrite !== ordinal) continue;
      const hit = this.#connections.cut(incident.how, incident.which);
      if (hit === 0) continue;
      this.#isCut = true;
      this.#wasCut = true;
      this.#count(`connections ${incident.how}`);
    }
  }

  pageWritten(sourceId: number, page: PageToSave, saved: SavedPage | null): void {
    this.#sources.find((each) => each.sourceId === sourceId)?.witness.page(page, saved);
  }

  runWritten(sourceId: number, run: Run, answer: number, saved: SavedRuns | null): void {
    this.#sources.find((each) => each.sourceId === sourceId)?.witness.run(run, answer, saved !== null);
  }

  /** A server goes on with what it has got, whether or not anybody waits for the answer. */
  async #untilNothingIsUnderWay(): Promise<void> {
    const { sql } = this.#kit.testDatabase;
    await endLockHolder(sql);
    for (;;) {
      const busy = await sql`
        select from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`;
      if (busy.length === 0) return;
      await wait(5);
    }
  }

  readonly #count = (what: string): void => {
    this.#happened.misbehaviours[what] = (this.#happened.misbehaviours[what] ?? 0) + 1;
  };
}

/** A server that keeps the place may be somewhere else by now. */
function onResumed({ source, blindSpots }: LivingSource, monitorId: string): void {
  if (source.side.quirks.cursors === 'same') blindSpots.passedOver(monitorId, source.runIds(monitorId));
}
