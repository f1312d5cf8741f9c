import { openPosition, sealPosition } from './cursor.ts';
import type { CursorPosition } from './cursor.ts';
import type { PageFault } from './faults.ts';
import { rankOf } from '../state/sort-key.ts';
import type { KeyedList, SortKey } from '../state/sort-key.ts';

/** How a list is cut into pages. Ranks count rows in the order of listing. */
export interface Listing {
  /** Names the list; its cursors are refused by any other. */
  readonly name: string;
  readonly list: KeyedList;
  readonly order: 'descending' | 'ascending';
  /** `offset` cursors count rows from the top: what is added meanwhile shifts rows onto the next page again. */
  readonly cursors: 'keyset' | 'offset';
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor: string | null;
  readonly fault: PageFault | null;
  /** The request's ordinal: makes a cursor new when a fault asks for that. */
  readonly ordinal: number;
}

export interface PagePlan {
  /** Indexes into the list, in the order of the answer. */
  readonly indexes: readonly number[];
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
}

/** Decides which rows a page has; null when the cursor is unknown. */
export function planPage(listing: Listing, request: PageRequest): PagePlan | null {
  const position = request.cursor === null ? null : openPosition(listing.name, request.cursor);
  if (request.cursor !== null && position === null) {
    return null;
  }
  const { fault } = request;
  const rank = position === null || fault?.kind === 'restartAtTop' ? 0 : rankOfPosition(listing, position);
  const span = planSpan(rank, request);
  const end = Math.min(span.start + span.rows, listing.list.count);
  const indexes = Array.from({ length: Math.max(0, end - span.start) }, (_, row) =>
    indexOfRank(listing, span.start + row),
  );
  const [first] = indexes;
  if (fault?.kind === 'repeatRows' && fault.rows === 'inPage' && first !== undefined) {
    indexes.push(first);
  }
  return { indexes, ...planNext(listing, request, end) };
}

function planSpan(rank: number, { fault, limit, cursor }: PageRequest): { start: number; rows: number } {
  if (fault?.kind === 'fewerRows') {
    return { start: rank, rows: Math.min(limit, fault.rows) };
  }
  if (fault?.kind === 'repeatRows' && fault.rows === 'inPage') {
    return { start: rank, rows: Math.max(1, limit - 1) };
  }
  if (fault?.kind === 'repeatRows' && fault.rows !== 'inPage' && cursor !== null) {
    // One row of the page stays new, or the walk would never get on.
    return { start: Math.max(0, rank - Math.min(fault.rows, limit - 1)), rows: limit };
  }
  return { start: rank, rows: limit };
}

function planNext(listing: Listing, request: PageRequest, end: number): Omit<PagePlan, 'indexes'> {
  const { fault, cursor, limit, ordinal } = request;
  if (fault?.kind === 'hasMoreWithoutCursor') {
    return { hasMore: true, nextCursor: null };
  }
  if (fault?.kind === 'repeatedCursor' && cursor !== null && listing.list.count > 0) {
    return { hasMore: true, nextCursor: sealRank(listing, Math.min(limit, listing.list.count)) };
  }
  const hasMore = end < listing.list.count;
  const salt = fault?.kind === 'restartAtTop' ? ordinal : 0;
  return { hasMore, nextCursor: hasMore ? sealRank(listing, end, salt) : null };
}

function sealRank(listing: Listing, rank: number, salt = 0): string {
  const position: CursorPosition =
    listing.cursors === 'offset'
      ? { style: 'offset', rows: rank }
      : {
          style: 'keyset',
          key: rank === 0 ? keyAboveTop(listing) : listing.list.keyAt(indexOfRank(listing, rank - 1)),
        };
  return sealPosition(listing.name, position, salt);
}

function rankOfPosition({ list, order }: Listing, position: CursorPosition): number {
  if (position.style === 'offset') {
    return position.rows;
  }
  return order === 'ascending'
    ? rankOf(list, position.key, 'after')
    : list.count - rankOf(list, position.key, 'before');
}

/** Where a page without rows goes on: still at the first row. */
function keyAboveTop({ order }: Listing): SortKey {
  return { atMs: order === 'ascending' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY, seq: 0 };
}

function indexOfRank({ list, order }: Listing, rank: number): number {
  return order === 'ascending' ? rank : list.count - 1 - rank;
}
