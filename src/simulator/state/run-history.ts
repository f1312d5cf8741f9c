import { compareKeys, rankOf } from './sort-key.ts';
import type { KeyedList, SortKey } from './sort-key.ts';

/** What the order of a list and the life of an account need to know of a run, whichever API serves it. */
export interface PlannedRun {
  readonly id: string;
  /** All instants in milliseconds since the epoch; a fraction shows as microseconds. */
  readonly createdAtMs: number;
  /** Null: it stays open. */
  readonly outcome: { readonly atMs: number } | null;
  /** When the record was last changed by hand; moves `updatedAt`. */
  readonly touchedAtMs: number | null;
}

/** Runs that are computed when asked for, oldest first: millions of them cost no memory. */
export interface RunSource<P extends PlannedRun> {
  readonly count: number;
  /** No run of this source takes longer than this from its creation to its end. */
  readonly longestRunMs: number;
  /** Must not descend as the index grows. */
  createdAtMs(index: number): number;
  id(index: number): string;
  at(index: number): P;
}

export const noRuns: RunSource<never> = {
  count: 0,
  longestRunMs: 0,
  createdAtMs: outOfRange,
  id: outOfRange,
  at: outOfRange,
};

interface Entry<P> {
  readonly seq: number;
  readonly plan: P;
}

/**
 * The runs of one monitor in order of creation. Tracks only what differs from the computed source: runs added after
 * its end and runs replaced in place. Deleting, and adding before the source's end, stores that monitor's runs in full.
 */
export class RunHistory<P extends PlannedRun> implements KeyedList {
  #source: RunSource<P>;
  readonly #replaced = new Map<number, P>();
  /** By run id, what it was before each change by hand, oldest first: a replica that lags still shows it. */
  readonly #earlier = new Map<string, readonly { readonly untilMs: number; readonly plan: P }[]>();
  #added: Entry<P>[] = [];
  #nextSeq: number;
  #longestRunMs: number;

  constructor(source: RunSource<P>) {
    this.#source = source;
    this.#nextSeq = source.count;
    this.#longestRunMs = source.longestRunMs;
  }

  get count(): number {
    return this.#source.count + this.#added.length;
  }

  /** An upper bound of the time from creation to end. */
  get longestRunMs(): number {
    return this.#longestRunMs;
  }

  keyAt(index: number): SortKey {
    if (index < this.#source.count) {
      return { atMs: this.#source.createdAtMs(index), seq: index };
    }
    const entry = this.#addedAt(index);
    return { atMs: entry.plan.createdAtMs, seq: entry.seq };
  }

  at(index: number): P {
    return index < this.#source.count
      ? (this.#replaced.get(index) ?? this.#source.at(index))
      : this.#addedAt(index).plan;
  }

  /** The run as it stood at an instant, before later changes by hand. */
  asOf(index: number, seenMs: number): P {
    const plan = this.at(index);
    if (this.#earlier.size === 0) {
      return plan;
    }
    return this.#earlier.get(plan.id)?.find(({ untilMs }) => seenMs < untilMs)?.plan ?? plan;
  }

  /** -1 when there is none. Looks from the newest on: runs that are asked for by id are mostly recent. */
  indexOfId(runId: string): number {
    for (let index = this.count - 1; index >= 0; index -= 1) {
      const id = index < this.#source.count ? this.#source.id(index) : this.#addedAt(index).plan.id;
      if (id === runId) {
        return index;
      }
    }
    return -1;
  }

  add(plan: P): void {
    this.#insert({ seq: this.#nextSeq, plan });
    this.#nextSeq += 1;
  }

  replace(index: number, plan: P, nowMs: number): void {
    const before = this.at(index);
    const earlier = [...(this.#earlier.get(before.id) ?? []), { untilMs: nowMs, plan: before }];
    const key = this.keyAt(index);
    if (key.atMs === plan.createdAtMs && index < this.#source.count && this.#source.id(index) === plan.id) {
      this.#replaced.set(index, plan);
      this.#noteDuration(plan);
    } else {
      this.remove(index);
      this.#insert({ seq: key.seq, plan });
    }
    this.#earlier.set(plan.id, earlier);
  }

  remove(index: number): void {
    this.#earlier.delete(this.at(index).id);
    if (index < this.#source.count) {
      this.#storeSource();
    }
    this.#added.splice(index - this.#source.count, 1);
  }

  #insert(entry: Entry<P>): void {
    const { count } = this.#source;
    if (count > 0 && entry.plan.createdAtMs < this.#source.createdAtMs(count - 1)) {
      this.#storeSource();
    }
    const key = { atMs: entry.plan.createdAtMs, seq: entry.seq };
    if (this.count === 0 || compareKeys(key, this.keyAt(this.count - 1)) > 0) {
      this.#added.push(entry);
    } else {
      this.#added.splice(rankOf(this, key, 'after') - this.#source.count, 0, entry);
    }
    this.#noteDuration(entry.plan);
  }

  #storeSource(): void {
    const stored = Array.from({ length: this.#source.count }, (_, seq) => ({ seq, plan: this.at(seq) }));
    this.#added = [...stored, ...this.#added];
    this.#source = noRuns;
    this.#replaced.clear();
  }

  #noteDuration(plan: P): void {
    if (plan.outcome !== null) {
      this.#longestRunMs = Math.max(this.#longestRunMs, plan.outcome.atMs - plan.createdAtMs);
    }
  }

  #addedAt(index: number): Entry<P> {
    return this.#added[index - this.#source.count] ?? outOfRange(index);
  }
}

function outOfRange(index: number): never {
  throw new RangeError(`no run at index ${index}`);
}
