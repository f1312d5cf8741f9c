/** The place of a record in a list: by creation, ties by the order of arrival. */
export interface SortKey {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly seq: number;
}

/** A list in ascending order of its keys, which pages are cut from. */
export interface KeyedList {
  readonly count: number;
  keyAt(index: number): SortKey;
}

/** How many records lie before `key`; with `after`, how many lie before or at it. */
export function rankOf(list: KeyedList, key: SortKey, side: 'before' | 'after'): number {
  let low = 0;
  let high = list.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareKeys(list.keyAt(middle), key);
    if (order < 0 || (order === 0 && side === 'after')) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** How many records were created at or before an instant. */
export function countUpTo(list: KeyedList, ms: number): number {
  return rankOf(list, { atMs: ms, seq: Number.POSITIVE_INFINITY }, 'after');
}

export function compareKeys(one: SortKey, other: SortKey): number {
  return one.atMs - other.atMs || one.seq - other.seq;
}
