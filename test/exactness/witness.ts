/** Watches a sync from outside and says after each cycle which promise is broken. */
import type { Sql } from 'postgres';
import type { SimulatedAccount } from '../../src/simulator/account/account.ts';
import { isFinal, type Run } from '../../src/sync/model.ts';
import type { MonitorSource, PageToSave } from '../../src/sync/ports.ts';
import type { BlindSpots } from './blind-spots.ts';
import type { CommitObserver } from './crashing-store.ts';
import type { CycleMode } from './scenario.ts';
import { dayMs } from './sync-kit.ts';
import { loadRunRows, runRow, type Row } from './truth.ts';

interface Seen {
  readonly cycleId: number;
  readonly answer: number;
  readonly row: Row;
}

/** What a cycle could know. */
interface Circumstances {
  readonly succeeded: boolean;
  readonly mode: CycleMode;
  /** All through the cycle; otherwise a monitor may have been skipped on false evidence. */
  readonly lastRunIsHonest: boolean;
  /** The listing may have passed over a monitor that it has not shown before. */
  readonly listingMayHaveSkipped: boolean;
}

export class Witness implements CommitObserver {
  readonly #account: SimulatedAccount;
  readonly #blindSpots: BlindSpots;
  /** What the newest committed answer showed of each run. */
  readonly #seen = new Map<string, Seen>();
  /** The runs that each monitor had when its walk began. */
  readonly #listAtStart = new Map<string, ReadonlySet<string>>();
  /** What each finished walk claims: that it stored these, as far as they were created by then. */
  readonly #claims = new Map<string, { readonly throughMs: number; readonly runIds: ReadonlySet<string> }>();
  /** Monitors of which a walk has ended in this cycle, on covered ground or at the end of the list. */
  readonly #coveredInCycle = new Set<string>();
  #atCycleStart = new Map<string, Row>();
  /** Runs that had to be stored, and as they are, after a cycle that succeeded; and those that were in a blind spot. */
  readonly judged = { runs: 0, excused: 0 };

  constructor(account: SimulatedAccount, blindSpots: BlindSpots) {
    this.#account = account;
    this.#blindSpots = blindSpots;
  }

  cycleStarts(): void {
    this.#atCycleStart = this.#served();
    this.#coveredInCycle.clear();
  }

  watchSource<S extends MonitorSource>(source: S): S {
    return {
      ...source,
      listRuns: (monitorId: string, cursor: string | null) => {
        if (cursor === null) {
          this.#listAtStart.set(monitorId, this.#runIds(monitorId));
          this.#blindSpots.walkBegins(monitorId);
        }
        return source.listRuns(monitorId, cursor);
      },
    };
  }

  /** @returns broken promises, in words. */
  async findBroken(sql: Sql, circumstances: Circumstances): Promise<string[]> {
    const stored = new Map((await loadRunRows(sql)).map((row) => [row.id, row]));
    const served = this.#served();
    return [
      ...this.#falselyAbsent(stored, served),
      ...this.#backwards(stored),
      ...this.#emptyClaims(stored, served),
      ...(circumstances.succeeded ? this.#missedInCycle(stored, served, circumstances) : []),
      ...(await this.#falselyAbsentMonitors(sql)),
      ...(await this.#claimsOfNobody(sql)),
    ];
  }

  pageCommitted({ monitorId, runs, answer, progress }: PageToSave, cycleId: number): void {
    for (const run of runs) this.runCommitted(run, answer, cycleId);
    this.#blindSpots.pageRead(
      monitorId,
      runs.map(({ id }) => id),
    );
    if (progress.state !== 'finished') return;
    const { syncedThrough, lastFullWalkAt } = progress.checkpoint;
    if (lastFullWalkAt === null) return this.#blindSpots.walkEnds(monitorId, 'nothing');
    const readWhole = progress.stopReason === 'end_of_list';
    this.#blindSpots.walkEnds(monitorId, readWhole ? 'end' : 'covered ground');
    this.#coveredInCycle.add(monitorId);
    if (syncedThrough === null) return;
    const runIds = this.#listAtStart.get(monitorId) ?? new Set();
    this.#claims.set(monitorId, { throughMs: Date.parse(syncedThrough), runIds });
  }

  runCommitted(run: Run, answer: number, cycleId: number): void {
    const { extra, output: _output, startedAt: _startedAt, ...fields } = run;
    const before = this.#seen.get(run.id);
    if (before !== undefined && (before.cycleId - cycleId || before.answer - answer) > 0) return;
    this.#seen.set(run.id, { cycleId, answer, row: runRow({ ...fields, ...extra }) });
  }

  #falselyAbsent(stored: ReadonlyMap<string, Row>, served: ReadonlyMap<string, Row>): string[] {
    return [...stored.values()]
      .filter(({ id, absent }) => absent && served.has(id))
      .map(({ id }) => `run ${id} is marked absent, and the API has it`);
  }

  async #falselyAbsentMonitors(sql: Sql): Promise<string[]> {
    const rows = await sql<{ id: string }[]>`select id from monitors where absent_since is not null`;
    const listed = new Set(this.#account.monitorIds());
    return rows.filter(({ id }) => listed.has(id)).map(({ id }) => `monitor ${id} is falsely marked absent`);
  }

  /** Every row is what the newest committed answer showed: not older, not lost, not made up. */
  #backwards(stored: ReadonlyMap<string, Row>): string[] {
    const broken = [...this.#seen].flatMap(([id, { row }]) => {
      const has = stored.get(id);
      if (has === undefined) return [`run ${id} was committed and is not there`];
      return content(has) === content(row) ? [] : [`run ${id} is ${content(has)}, last seen ${content(row)}`];
    });
    const madeUp = [...stored.keys()].filter((id) => !this.#seen.has(id));
    return [...broken, ...madeUp.map((id) => `run ${id} is there without an answer`)];
  }

  /** A checkpoint that claims a run which is not there. */
  #emptyClaims(stored: ReadonlyMap<string, Row>, served: ReadonlyMap<string, Row>): string[] {
    return [...this.#claims].flatMap(([monitorId, { throughMs, runIds }]) =>
      [...runIds]
        .filter((id) => {
          const run = served.get(id);
          const isClaimed = run !== undefined && Number(run['createdAt']) * 1000 <= throughMs;
          return isClaimed && !stored.has(id) && !this.#blindSpots.has(id);
        })
        .map((id) => `monitor ${monitorId} claims to be covered through run ${id}, which is not there`),
    );
  }

  /** What stands in the checkpoints is what the last finished walk said. */
  async #claimsOfNobody(sql: Sql): Promise<string[]> {
    const rows = await sql<{ id: string; through: number }[]>`
      select monitor_id as id, extract(epoch from synced_through)::float8 * 1000 as through
      from sync_checkpoints where synced_through is not null`;
    return rows
      .filter(({ id, through }) => this.#claims.get(id)?.throughMs !== through)
      .map(({ id, through }) => `the checkpoint of ${id} claims ${through}, which no finished walk said`);
  }

  /** After a cycle without error each run listed at its beginning is there, as it was or newer. */
  #missedInCycle(
    stored: ReadonlyMap<string, Row>,
    served: ReadonlyMap<string, Row>,
    circumstances: Circumstances,
  ): string[] {
    return [...this.#atCycleStart.values()].flatMap((before) => {
      const now = served.get(before.id);
      if (now === undefined || !this.#wasLookedAt(String(now['monitorId']), circumstances)) return [];
      const has = stored.get(before.id);
      if (this.#blindSpots.has(before.id) || (circumstances.mode !== 'full' && this.#looksStuck(has))) {
        this.judged.excused += 1;
        return [];
      }
      this.judged.runs += 1;
      if (has === undefined) return [`the cycle succeeded without run ${before.id}`];
      const changedMeanwhile = content(now) !== content(before);
      return changedMeanwhile || content(has) === content(now)
        ? []
        : [`the cycle succeeded with a stale run ${before.id}: ${content(has)}, not ${content(now)}`];
    });
  }

  /** Whether the cycle read the runs of a monitor or had sound evidence that nothing was new. */
  #wasLookedAt(monitorId: string, { mode, lastRunIsHonest, listingMayHaveSkipped }: Circumstances): boolean {
    if (this.#coveredInCycle.has(monitorId)) return true;
    if (listingMayHaveSkipped && !this.#claims.has(monitorId)) return false;
    return mode === 'full' || (mode === 'incremental' && lastRunIsHonest);
  }

  /** Stored as open for a day: it is asked for only now and then. */
  #looksStuck(row: Row | undefined): boolean {
    if (row === undefined || isFinal(String(row['status']))) return false;
    return this.#account.clock.now() - Number(row['createdAt']) * 1000 >= dayMs;
  }

  #served(): Map<string, Row> {
    const rows = this.#account
      .monitorIds()
      .flatMap((id) => this.#account.servedRuns(id).map((run) => runRow(run)));
    return new Map(rows.map((row) => [row.id, row]));
  }

  #runIds(monitorId: string): ReadonlySet<string> {
    const exists = this.#account.findMonitor(monitorId) !== undefined;
    return new Set(exists ? this.#account.runs(monitorId).map(({ id }) => id) : []);
  }
}

function content({ absent: _absent, ...row }: Row): string {
  return JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
