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
  /** When each run was changed last. */
  readonly #changes = new Map<string, number>();
  readonly #moved = new Set<string>();
  #moment = 0;

  has(runId: string): boolean {
    return this.#spots.has(runId);
  }

  /** It has changed its monitor, and no walk of the new one has come down to it yet. */
  hasMoved(runId: string): boolean {
    return this.#moved.has(runId) && this.has(runId);
  }

  areAny(): boolean {
    return this.#spots.size > 0;
  }

  changed(runId: string): void {
    this.#moment += 1;
    this.#changes.set(runId, this.#moment);
  }

  /** A run that no listing shows to be new was added or corrected so long after its creation. */
  changedLate(monitorId: string, runId: string, ageMs: number): void {
    this.#add(monitorId, runId, ageMs < overlapMs ? 'any' : 'whole');
  }

  moved(toMonitorId: string, runId: string, ageMs: number): void {
    this.#moved.add(runId);
    this.changedLate(toMonitorId, runId, ageMs);
  }

  /** A walk under way may pass over runs that it has not read yet. */
  passedOver(monitorId: string, runIds: readonly string[]): void {
    const walk = this.#walks.get(monitorId);
    if (walk === undefined) return;
    for (const runId of runIds) if (!walk.read.has(runId)) this.#add(monitorId, runId, 'whole');
  }

  walkBegins(monitorId: string): void {
    this.#moment += 1;
    this.#walks.set(monitorId, { began: this.#moment, read: new Set() });
  }

  /** `pinned`: the page shows its runs as they were when the walk began. */
  pageRead(monitorId: string, runIds: readonly string[], pinned: boolean): void {
    const walk = this.#walks.get(monitorId);
    if (walk === undefined) return;
    for (const runId of runIds) {
      walk.read.add(runId);
      if (pinned && (this.#changes.get(runId) ?? 0) > walk.began) this.#add(monitorId, runId, 'whole');
    }
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

  /** Which runs of a list a walk under way has not read; null: no walk is under way. */
  unread(monitorId: string, runIds: readonly string[]): readonly string[] | null {
    const walk = this.#walks.get(monitorId);
    return walk === undefined ? null : runIds.filter((runId) => !walk.read.has(runId));
  }

  #add(monitorId: string, runId: string, foundBy: Spot['foundBy']): void {
    this.#moment += 1;
    const worst = this.#spots.get(runId)?.foundBy === 'whole' ? 'whole' : foundBy;
    this.#spots.set(runId, { monitorId, foundBy: worst, since: this.#moment });
  }
}
