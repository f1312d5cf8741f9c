/** Watches a sync from outside and says after each cycle which promise is broken. */
import type { SimulatedAccount } from '../../src/simulator/account.ts';
import type { Run } from '../../src/sync/model.ts';
import type { MonitorSource, PageToSave } from '../../src/sync/ports.ts';
import type { CommitObserver } from './crashing-store.ts';
import { loadRunRows, runRow, type Row } from './truth.ts';
import type { Sql } from 'postgres';

interface Seen {
  readonly cycleId: number;
  readonly answer: number;
  readonly row: Row;
}

/** What a cycle could know. */
interface Circumstances {
  /** It ended without error and looked at everything. */
  readonly succeededInFull: boolean;
  readonly claimsHold: boolean;
  /** Runs that no checkpoint can speak for. */
  readonly unclaimed: ReadonlySet<string>;
}

export class Witness implements CommitObserver {
  readonly #account: SimulatedAccount;
  /** What the newest committed answer showed of each run. */
  readonly #seen = new Map<string, Seen>();
  /** The runs that each monitor had when its walk began. */
  readonly #listAtStart = new Map<string, ReadonlySet<string>>();
  /** What each finished walk claims: that it stored these, as far as they were created by then. */
  readonly #claims = new Map<string, { readonly throughMs: number; readonly runIds: ReadonlySet<string> }>();
  #atCycleStart = new Map<string, Row>();

  constructor(account: SimulatedAccount) {
    this.#account = account;
  }

  cycleStarts(): void {
    this.#atCycleStart = this.#served();
  }

  watchSource<S extends MonitorSource>(source: S): S {
    return {
      ...source,
      listRuns: (monitorId: string, cursor: string | null) => {
        if (cursor === null) this.#listAtStart.set(monitorId, this.#runIds(monitorId));
        return source.listRuns(monitorId, cursor);
      },
    };
  }

  /** @returns broken promises, in words. */
  async findBroken(sql: Sql, { succeededInFull, claimsHold, unclaimed }: Circumstances): Promise<string[]> {
    const stored = new Map((await loadRunRows(sql)).map((row) => [row.id, row]));
    const served = this.#served();
    return [
      ...this.#falselyAbsent(stored, served),
      ...this.#backwards(stored),
      ...(claimsHold
        ? this.#emptyClaims(stored, served)
            .filter(({ runId }) => !unclaimed.has(runId))
            .map(({ text }) => text)
        : []),
      ...(succeededInFull ? this.#missedInCycle(stored, served) : []),
      ...(await this.#falselyAbsentMonitors(sql)),
      ...(await this.#claimsOfNobody(sql)),
    ];
  }

  pageCommitted({ monitorId, runs, answer, progress }: PageToSave, cycleId: number): void {
    for (const run of runs) this.runCommitted(run, answer, cycleId);
    if (progress.state !== 'finished' || progress.checkpoint.syncedThrough === null) return;
    const runIds = this.#listAtStart.get(monitorId) ?? new Set();
    this.#claims.set(monitorId, { throughMs: Date.parse(progress.checkpoint.syncedThrough), runIds });
  }

  runCommitted(run: Run, answer: number, cycleId: number): void {
    const { extra, ...fields } = run;
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

  #emptyClaims(
    stored: ReadonlyMap<string, Row>,
    served: ReadonlyMap<string, Row>,
  ): { readonly runId: string; readonly text: string }[] {
    return [...this.#claims].flatMap(([monitorId, { throughMs, runIds }]) =>
      [...runIds]
        .filter((runId) => {
          const run = served.get(runId);
          return run !== undefined && Number(run['createdAt']) * 1000 <= throughMs && !stored.has(runId);
        })
        .map((runId) => ({
          runId,
          text: `monitor ${monitorId} claims to be covered through run ${runId}, which is not there`,
        })),
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
  #missedInCycle(stored: ReadonlyMap<string, Row>, served: ReadonlyMap<string, Row>): string[] {
    return [...this.#atCycleStart.values()].flatMap((before) => {
      const now = served.get(before.id);
      if (now === undefined) return [];
      const has = stored.get(before.id);
      if (has === undefined) return [`the cycle succeeded without run ${before.id}`];
      const changedMeanwhile = content(now) !== content(before);
      return changedMeanwhile || content(has) === content(now)
        ? []
        : [`the cycle succeeded with a stale run ${before.id}: ${content(has)}, not ${content(now)}`];
    });
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
