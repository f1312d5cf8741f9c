import type { KeyedList } from '../state/sort-key.ts';

/**
 * The order in which a list of runs comes. `updatedAt`: what changed last comes first. The object: by creation, newest
 * first, but for so many of the newest, which only come after that many rows of the others.
 */
export type RunOrder =
  | 'descending'
  | 'ascending'
  | 'updatedAt'
  | { readonly newest: number; readonly atRank: number };

/** A list that can be cut into pages by its keys, and where its rows stand in the list that it was made of. */
export interface ArrangedList {
  readonly list: KeyedList;
  readonly order: 'descending' | 'ascending';
  indexOf(place: number): number;
}

/** Puts a list in order of creation into the order asked for. The two unusual ones sort it whole for each page. */
export function arrange(
  list: KeyedList,
  order: RunOrder,
  updatedAtMs: (index: number) => number,
): ArrangedList {
  if (order === 'descending' || order === 'ascending') {
    return { list, order, indexOf: (place) => place };
  }
  const indexes = Array.from({ length: list.count }, (_, index) => index);
  if (order === 'updatedAt') {
    const rows = indexes
      .map((index) => ({ index, key: { atMs: updatedAtMs(index), seq: list.keyAt(index).seq } }))
      .toSorted((one, other) => one.key.atMs - other.key.atMs || one.key.seq - other.key.seq);
    const at = (place: number) => rows[place] ?? outOfRange(place);
    const keyed = { count: rows.length, keyAt: (place: number) => at(place).key };
    return { list: keyed, order: 'descending', indexOf: (place) => at(place).index };
  }
  const newestFirst = indexes.toReversed();
  const late = newestFirst.splice(0, order.newest);
  newestFirst.splice(order.atRank, 0, ...late);
  return {
    // Keys are places here: with cursors of either style, rows that come meanwhile shift the others.
    list: { count: list.count, keyAt: (place) => ({ atMs: place, seq: 0 }) },
    order: 'ascending',
    indexOf: (place) => newestFirst[place] ?? outOfRange(place),
  };
}

function outOfRange(place: number): never {
  throw new RangeError(`no row at place ${place}`);
}
