interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommitOptions<Item, Result> {
  /** Groups written at once. */
  readonly writers: number;
  /** Writes a group in one transaction. @returns the results in the order of the items. */
  readonly write: (group: readonly Item[]) => Promise<readonly Result[]>;
  /** Whether an item may be written together with those before it. */
  readonly mayJoin: (group: readonly Item[], item: Item) => boolean;
}

/**
 * Collects what comes while the writers are busy into the next group. Under load that saves most of the statements and
 * commits, and nobody waits for a group to fill: what comes while a writer is free is written at once. Each item is
 * committed when its promise resolves; when a group fails, all of its items fail.
 */
export class GroupCommit<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>;
  readonly #waiting: Waiting<Item, Result>[] = [];
  #writing = 0;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  save(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    if (this.#writing >= this.#options.writers) return;
    this.#writing += 1;
    while (this.#waiting.length > 0) await this.#write(this.#takeGroup());
    this.#writing -= 1;
  }

  #takeGroup(): readonly Waiting<Item, Result>[] {
    const items: Item[] = [];
    for (const { item } of this.#waiting) {
      if (items.length > 0 && !this.#options.mayJoin(items, item)) break;
      items.push(item);
    }
    return this.#waiting.splice(0, items.length);
  }

  async #write(group: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.write(group.map(({ item }) => item));
      for (const [index, { resolve, reject }] of group.entries()) {
        const result = results[index];
        if (result === undefined)
          reject(new Error('a group was written without a result for each of its items'));
        else resolve(result);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }
}
