/** Watches the sync of one source from outside and says after each cycle which promise is broken. */
import type { Sql } from 'postgres';
import type { Clock, MonitorSource, PageToSave, SavedPage } from '../../src/sync/ports.ts';
import { isFinal, type Run } from '../../src/sync/model.ts';
import type { BlindSpots } from './blind-spots.ts';
import type { ScenarioSource } from './scenario-account.ts';
import type { CycleMode } from './scenario.ts';
import { dayMs, hourMs } from './sync-kit.ts';
import { rowOfRun, type Row } from './served-rows.ts';
import { loadRunRows } from './truth.ts';

interface Seen {
  readonly cycle: number;
  readonly answer: number;
  readonly row: Row;
}

/** A write that failed and may have been done all the same. */
type Doubtful = { readonly page: PageToSave } | { readonly run: Run; readonly answer: number };

/** What a cycle could know. */
interface Circumstances {
  readonly succeeded: boolean;
  readonly mode: CycleMode;
  /** All through the cycle; otherwise a monitor may have been skipped on false evidence. */
  readonly listingIsHonest: boolean;
  /** The listing may have passed over a monitor that it has not shown before. */
  readonly listingMayHaveSkipped: boolean;
}

export class Witness {
  readonly #sourceId: number;
  readonly #source: ScenarioSource;
  readonly #clock: Clock;
  readonly #blindSpots: BlindSpots;
  #cycle = 0;
  /** What the newest committed answer showed of each run. */
  readonly #seen = new Map<string, Seen>();
  /** What is known of what each run found; it stays when the row of the run is deleted. */
  readonly #outputs = new Map<string, unknown>();
  #doubtful: Doubtful[] = [];
  /** The runs that each monitor had when its walk began. */
  readonly #listAtStart = new Map<string, ReadonlySet<string>>();
  /** What each finished walk claims: that it stored these, as far as they were created by then. */
  readonly #claims = new Map<string, { readonly throughMs: number; readonly runIds: ReadonlySet<string> }>();
  /** When a walk of each monitor last ended on covered ground or at the end of the list. */
  readonly #walkedAtMs = new Map<string, number>();
  /** Monitors of which a walk has ended so in this cycle. */
  readonly #coveredInCycle = new Set<string>();
  #atCycleStart = new Map<string, Row>();
  #startedMs = 0;
  /** Runs that had to be stored, and as they are, after a cycle that succeeded; and those that were in a blind spot. */
  readonly judged = { runs: 0, excused: 0 };

  constructor(sourceId: number, source: ScenarioSource, clock: Clock, blindSpots: BlindSpots) {
    this.#sourceId = sourceId;
    this.#source = source;
    this.#clock = clock;
    this.#blindSpots = blindSpots;
  }

  cycleStarts(): void {
    this.#cycle += 1;
    this.#startedMs = this.#clock.now();
    this.#atCycleStart = this.#served();
    this.#coveredInCycle.clear();
  }

  watchSource<S extends MonitorSource>(source: S, onResumed: (monitorId: string) => void): S {
    const asked = new Set<string>();
    return {
      ...source,
      listRuns: (monitorId: string, cursor: string | null) => {
        if (cursor === null) {
          this.#listAtStart.set(monitorId, new Set(this.#source.runIds(monitorId)));
          this.#blindSpots.walkBegins(monitorId);
        } else if (!asked.has(monitorId)) onResumed(monitorId);
        asked.add(monitorId);
        return source.listRuns(monitorId, cursor);
      },
    };
  }

  /** Somebody has deleted these rows by hand; null: all of them. */
  rowsDeleted(monitorId: string | null): void {
    for (const [runId, { row }] of this.#seen) {
      if (monitorId === null || row['monitorId'] === monitorId) this.#seen.delete(runId);
    }
    // What the checkpoint says it goes on saying; it does not claim any more what is deleted.
    for (const [id, claim] of this.#claims) this.#claims.set(id, { ...claim, runIds: new Set() });
  }

  /** @returns broken promises, in words. */
  async findBroken(sql: Sql, circumstances: Circumstances): Promise<string[]> {
    const stored = new Map((await loadRunRows(sql, this.#sourceId)).map((row) => [row.id, row]));
    await this.#settleDoubts(sql, stored);
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

  page(page: PageToSave, saved: SavedPage | null): void {
    if (saved === null) this.#doubtful.push({ page });
    else this.#pageCommitted(page, new Set(saved.reopened));
  }

  run(run: Run, answer: number, isSaved: boolean): void {
    if (isSaved) this.#runCommitted(run, answer);
    else this.#doubtful.push({ run, answer });
  }

  #pageCommitted({ monitorId, runs, answer, progress }: PageToSave, reopened: ReadonlySet<string>): void {
    for (const run of runs) if (!reopened.has(run.id)) this.#runCommitted(run, answer);
    this.#blindSpots.pageRead(
      monitorId,
      runs.map(({ id }) => id),
      this.#source.side.quirks.cursors === 'snapshot',
    );
    if (progress.state !== 'finished') return;
    const { syncedThrough, lastFullWalkAt } = progress.checkpoint;
    if (lastFullWalkAt === null) return this.#blindSpots.walkEnds(monitorId, 'nothing');
    const readWhole = progress.stopReason === 'end_of_list';
    if (!readWhole && this.#source.isUnordered) {
      // It looked as if it were in order as far as it was read.
      this.#source.rowsMoved(monitorId);
    }
    this.#blindSpots.walkEnds(monitorId, readWhole ? 'end' : 'covered ground');
    this.#coveredInCycle.add(monitorId);
    this.#walkedAtMs.set(monitorId, this.#clock.now());
    if (syncedThrough === null) this.#claims.delete(monitorId);
    else {
      const runIds = this.#listAtStart.get(monitorId) ?? new Set();
      this.#claims.set(monitorId, { throughMs: Date.parse(syncedThrough), runIds });
    }
  }

  #runCommitted(run: Run, answer: number): void {
    const before = this.#seen.get(run.id);
    const row = rowOfRun(run, this.#outputs.get(run.id));
    if (before !== undefined && (before.cycle - this.#cycle || before.answer - answer) > 0) return;
    if (row['output'] !== null) this.#outputs.set(run.id, row['output']);
    this.#seen.set(run.id, { cycle: this.#cycle, answer, row });
  }

  /** A transaction is done whole or not at all: what stands there tells, unless that is the same either way. */
  async #settleDoubts(sql: Sql, stored: ReadonlyMap<string, Row>): Promise<void> {
    const doubtful = this.#doubtful;
    this.#doubtful = [];
    for (const doubt of doubtful) {
      const runs = 'page' in doubt ? doubt.page.runs : [doubt.run];
      const reopened = new Set(runs.filter((run) => staysFinal(stored.get(run.id), run)).map(({ id }) => id));
      const isThere = runs.every((run) => {
        const has = stored.get(run.id);
        const should = rowOfRun(run, this.#outputs.get(run.id));
        return reopened.has(run.id) || (has !== undefined && content(has) === content(should));
      });
      if (!isThere) continue;
      if ('run' in doubt) this.#runCommitted(doubt.run, doubt.answer);
      else if (await isProgress(sql, doubt.page)) this.#pageCommitted(doubt.page, reopened);
    }
  }

  #falselyAbsent(stored: ReadonlyMap<string, Row>, served: ReadonlyMap<string, Row>): string[] {
    return [...stored.values()]
      .filter(({ id, absent }) => absent && served.has(id) && !this.#blindSpots.hasMoved(id))
      .map(({ id }) => `run ${id} is marked absent, and the API has it`);
  }

  async #falselyAbsentMonitors(sql: Sql): Promise<string[]> {
    const rows = await sql<{ id: string }[]>`
      select id from monitors where absent_since is not null and source_id = ${this.#sourceId}`;
    const listed = new Set(this.#source.side.monitorIds());
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
      from sync_checkpoints join monitors on monitors.id = monitor_id
      where synced_through is not null and source_id = ${this.#sourceId}`;
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
  #wasLookedAt(monitorId: string, { mode, listingIsHonest, listingMayHaveSkipped }: Circumstances): boolean {
    if (this.#coveredInCycle.has(monitorId)) return true;
    if (listingMayHaveSkipped && !this.#claims.has(monitorId)) return false;
    if (mode === 'full') return true;
    // What shows no run is read in any case after so long a time.
    const isOld = this.#startedMs - (this.#walkedAtMs.get(monitorId) ?? this.#startedMs) >= 6 * hourMs;
    return mode === 'incremental' && (listingIsHonest || (this.#source.side.api === 'search' && isOld));
  }

  /** Stored as open for a day: it is asked for only now and then. */
  #looksStuck(row: Row | undefined): boolean {
    if (row === undefined || isFinal(String(row['status']))) return false;
    return this.#clock.now() - Number(row['createdAt']) * 1000 >= dayMs;
  }

  #served(): Map<string, Row> {
    return new Map(this.#source.side.served().runs.map((row) => [row.id, row]));
  }
}

/** Whether a stored run is final that an answer shows as open and older: such an answer is not written. */
function staysFinal(stored: Row | undefined, run: Run): boolean {
  if (stored === undefined || !isFinal(String(stored['status'])) || isFinal(run.status)) return false;
  return Date.parse(run.updatedAt) < Number(stored['updatedAt']) * 1000;
}

/** Whether the checkpoint of a page's monitor is what the page makes of it. */
async function isProgress(sql: Sql, { monitorId, progress }: PageToSave): Promise<boolean> {
  const [stored] = await sql<
    { cursor: string | null; pages: number | null; through: number | null; walkedAt: number | null }[]
  >`
    select unfinished_walk ->> 'cursor' as cursor, (unfinished_walk ->> 'pages')::integer as pages,
      extract(epoch from synced_through)::float8 * 1000 as through,
      extract(epoch from last_walk_at)::float8 * 1000 as "walkedAt"
    from sync_checkpoints where monitor_id = ${monitorId}`;
  if (stored === undefined) return false;
  if (progress.state === 'unfinished') {
    return stored.cursor === progress.walk.cursor && stored.pages === progress.walk.pages;
  }
  const { syncedThrough } = progress.checkpoint;
  const throughMs = syncedThrough === null ? null : Date.parse(syncedThrough);
  return (
    stored.cursor === null &&
    stored.through === throughMs &&
    stored.walkedAt === Date.parse(progress.finishedAt)
  );
}

function content({ absent: _absent, ...row }: Row): string {
  return JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
