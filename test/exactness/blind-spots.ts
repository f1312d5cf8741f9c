import { dayMs } from './sync-kit.ts';

/** The overlap of every cycle of a scenario. */
const overlapMs = dayMs;

interface Spot {
  readonly monitorId: string;
  /** Which walk has to find it: any that begins later, or one over the whole list. */
  readonly foundBy: 'any' | 'whole';
  readonly since: number;
}

interface Walk {
  readonly began: number;
  readonly read: Set<string>;
}

/**
 * The runs that the promises let a sync miss for a while, each with the walk that ends it. What is not in here has to be
 * stored, and as it is.
 */
export class BlindSpots {
  readonly #spots = new Map<string, Spot>();
  /** Those under way: begun at the top, not ended, perhaps by a process that has died since. */
  readonly #walks = new Map<string, Walk>();
  #moment = 0;

  has(runId: string): boolean {
    return this.#spots.has(runId);
  }

  areAny(): boolean {
    return this.#spots.size > 0;
  }

  /** A run that no listing shows to be new was added or corrected so long after its creation. */
  changedLate(monitorId: string, runId: string, ageMs: number): void {
    this.#add(monitorId, runId, ageMs < overlapMs ? 'any' : 'whole');
  }

  /** Rows went out of a list whose cursors count rows: a walk under way may pass over one that it has not read yet. */
  rowsMovedUp(monitorId: string, runIds: readonly string[]): void {
    const walk = this.#walks.get(monitorId);
    if (walk === undefined) return;
    for (const runId of runIds) if (!walk.read.has(runId)) this.#add(monitorId, runId, 'whole');
  }

  walkBegins(monitorId: string): void {
    this.#moment += 1;
    this.#walks.set(monitorId, { began: this.#moment, read: new Set() });
  }

  pageRead(monitorId: string, runIds: readonly string[]): void {
    for (const runId of runIds) this.#walks.get(monitorId)?.read.add(runId);
  }

  /** A walk has ended: at the end of the list, on covered ground, or where it covers nothing. */
  walkEnds(monitorId: string, at: 'end' | 'covered ground' | 'nothing'): void {
    const walk = this.#walks.get(monitorId);
    this.#walks.delete(monitorId);
    if (walk === undefined || at === 'nothing') return;
    for (const [runId, spot] of this.#spots) {
      const isFound = at === 'end' || spot.foundBy === 'any';
      if (spot.monitorId === monitorId && spot.since < walk.began && isFound) this.#spots.delete(runId);
    }
  }

  #add(monitorId: string, runId: string, foundBy: Spot['foundBy']): void {
    this.#moment += 1;
    const worst = this.#spots.get(runId)?.foundBy === 'whole' ? 'whole' : foundBy;
    this.#spots.set(runId, { monitorId, foundBy: worst, since: this.#moment });
  }
}
