import type { RunPlan } from '../websets/run-lifecycle.ts';
import { compareKeys, rankOf } from './sort-key.ts';
import type { KeyedList, SortKey } from './sort-key.ts';

/** Runs that are computed when asked for, oldest first: millions of them cost no memory. */
export interface RunSource {
  readonly count: number;
  /** No run of this source takes longer than this from its creation to its end. */
  readonly longestRunMs: number;
  /** Must not descend as the index grows. */
  createdAtMs(index: number): number;
  id(index: number): string;
  at(index: number): RunPlan;
}

export const noRuns: RunSource = {
  count: 0,
  longestRunMs: 0,
  createdAtMs: outOfRange,
  id: outOfRange,
  at: outOfRange,
};

interface Entry {
  readonly seq: number;
  readonly plan: RunPlan;
}

/**
 * The runs of one monitor in order of creation. Tracks only what differs from the computed source: runs added after
 * its end and runs replaced in place. Deleting, and adding before the source's end, stores that monitor's runs in full.
 */
export class RunHistory implements KeyedList {
  #source: RunSource;
  readonly #replaced = new Map<number, RunPlan>();
  #added: Entry[] = [];
  #nextSeq: number;
  #longestRunMs: number;

  constructor(source: RunSource) {
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

  at(index: number): RunPlan {
    return index < this.#source.count
      ? (this.#replaced.get(index) ?? this.#source.at(index))
      : this.#addedAt(index).plan;
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

  add(plan: RunPlan): void {
    this.#insert({ seq: this.#nextSeq, plan });
    this.#nextSeq += 1;
  }

  replace(index: number, plan: RunPlan): void {
    const key = this.keyAt(index);
    if (key.atMs === plan.createdAtMs && index < this.#source.count && this.#source.id(index) === plan.id) {
      this.#replaced.set(index, plan);
      this.#noteDuration(plan);
      return;
    }
    this.remove(index);
    this.#insert({ seq: key.seq, plan });
  }

  remove(index: number): void {
    if (index < this.#source.count) {
      this.#storeSource();
    }
    this.#added.splice(index - this.#source.count, 1);
  }

  #insert(entry: Entry): void {
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

  #noteDuration(plan: RunPlan): void {
    if (plan.outcome !== null) {
      this.#longestRunMs = Math.max(this.#longestRunMs, plan.outcome.atMs - plan.createdAtMs);
    }
  }

  #addedAt(index: number): Entry {
    return this.#added[index - this.#source.count] ?? outOfRange(index);
  }
}

function outOfRange(index: number): never {
  throw new RangeError(`no run at index ${index}`);
}
