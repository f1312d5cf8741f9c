import type { ArrangedList } from './list-order.ts';
import { openCursor, openPosition, sealCursor, sealPosition } from './cursor.ts';
import type { CursorPosition } from './cursor.ts';
import type { ContentFault } from './faults.ts';
import { rankOf } from '../state/sort-key.ts';
import type { SortKey } from '../state/sort-key.ts';

/**
 * What a cursor means.
 * `keyset`: below the last row. `offset`: so many rows from the top; what is added meanwhile shifts rows onto the next
 * page again, what is deleted shifts rows past it. `page`: so many pages of the size that is asked for now. `snapshot`:
 * every page shows the list and its rows as they were at page one. `same`: one text for every position of a list; the
 * server keeps the place, and forgets it for whoever begins at the top.
 */
export type CursorStyle = PositionalStyle | 'snapshot' | 'same';

type PositionalStyle = CursorPosition['style'];

/** How a list is cut into pages. Ranks count rows in the order of listing. */
export interface Listing extends Pick<ArrangedList, 'list' | 'order'> {
  /** Names the list; its cursors are refused by any other. */
  readonly name: string;
  readonly cursors: CursorStyle;
  /** The JSON text of a row; null: it is left out of the page. */
  encodeAt(index: number): string | null;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor: string | null;
  readonly fault: ContentFault | null;
  /** The request's ordinal: makes a cursor new when a fault asks for that. */
  readonly ordinal: number;
}

export interface Page {
  /** JSON texts, in the order of the answer. */
  readonly rows: readonly string[];
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
}

/** Cuts lists into pages, and keeps what some cursors leave with the server. */
export class Pager {
  /** By list, where a cursor that says nothing goes on. */
  readonly #places = new Map<string, string>();
  /** By the ordinal of the request for page one. */
  readonly #snapshots = new Map<number, readonly string[]>();

  /** Decides what a page has; null when the cursor is unknown. */
  page(listing: Listing, request: PageRequest): Page | null {
    if (request.fault?.kind === 'emptyList') {
      return { rows: [], hasMore: false, nextCursor: null };
    }
    switch (listing.cursors) {
      case 'same':
        return this.#pageFromPlace(listing, request);
      case 'snapshot':
        return this.#pageOfSnapshot(listing, request);
      case 'keyset':
      case 'offset':
      case 'page':
        return cutPage({ ...listing, cursors: listing.cursors }, request);
    }
  }

  #pageFromPlace(listing: Listing, request: PageRequest): Page | null {
    const onlyCursor = sealCursor(listing.name, 'next');
    const place = request.cursor === onlyCursor ? this.#places.get(listing.name) : undefined;
    if (request.cursor !== null && place === undefined) {
      return null;
    }
    const page = cutPage({ ...listing, cursors: 'keyset' }, { ...request, cursor: place ?? null });
    if (page === null || page.nextCursor === null) {
      return page;
    }
    this.#places.set(listing.name, page.nextCursor);
    return { ...page, nextCursor: onlyCursor };
  }

  #pageOfSnapshot(listing: Listing, request: PageRequest): Page | null {
    const payload = request.cursor === null ? '' : openCursor(listing.name, request.cursor);
    if (payload === null) {
      return null;
    }
    const [taken, cursor = null] = payload.split('/');
    const snapshot = request.cursor === null ? request.ordinal : Number(taken);
    if (request.cursor === null) {
      const indexes = Array.from({ length: listing.list.count }, (_, rank) => indexOfRank(listing, rank));
      this.#snapshots.set(snapshot, encodeRows(listing, indexes));
    }
    const texts = this.#snapshots.get(snapshot) ?? [];
    const frozen: CutListing = {
      name: `${listing.name} as at ${snapshot}`,
      list: { count: texts.length, keyAt: (index) => ({ atMs: index, seq: 0 }) },
      order: 'ascending',
      cursors: 'keyset',
      encodeAt: (index) => texts[index] ?? null,
    };
    const page = cutPage(frozen, { ...request, cursor });
    return page === null || page.nextCursor === null
      ? page
      : { ...page, nextCursor: sealCursor(listing.name, `${snapshot}/${page.nextCursor}`) };
  }
}

/** A listing whose cursors say by themselves where to go on. */
interface CutListing extends Omit<Listing, 'cursors'> {
  readonly cursors: PositionalStyle;
}

function cutPage(listing: CutListing, request: PageRequest): Page | null {
  const position = request.cursor === null ? null : openPosition(listing.name, request.cursor);
  if (request.cursor !== null && position === null) {
    return null;
  }
  const { fault, limit } = request;
  const rank =
    position === null || fault?.kind === 'restartAtTop' ? 0 : rankOfPosition(listing, position, limit);
  const span = planSpan(rank, request);
  const end = Math.min(span.start + span.rows, listing.list.count);
  const indexes = Array.from({ length: Math.max(0, end - span.start) }, (_, row) =>
    indexOfRank(listing, span.start + row),
  );
  const [first] = indexes;
  if (fault?.kind === 'repeatRows' && fault.rows === 'inPage' && first !== undefined) {
    indexes.push(first);
  }
  return {
    rows: encodeRows(listing, indexes),
    ...planNext(listing, request, end),
  };
}

function encodeRows({ encodeAt }: Pick<Listing, 'encodeAt'>, indexes: readonly number[]): string[] {
  return indexes.map((index) => encodeAt(index)).filter((row) => row !== null);
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

function planNext(listing: CutListing, request: PageRequest, end: number): Omit<Page, 'rows'> {
  const { fault, cursor, limit, ordinal } = request;
  if (fault?.kind === 'hasMoreWithoutCursor') {
    return { hasMore: true, nextCursor: null };
  }
  if (fault?.kind === 'repeatedCursor' && cursor !== null && listing.list.count > 0) {
    return { hasMore: true, nextCursor: sealRank(listing, Math.min(limit, listing.list.count), limit) };
  }
  const hasMore = end < listing.list.count;
  const salt = fault?.kind === 'restartAtTop' ? ordinal : 0;
  return { hasMore, nextCursor: hasMore ? sealRank(listing, end, limit, salt) : null };
}

function sealRank(listing: CutListing, rank: number, limit: number, salt = 0): string {
  return sealPosition(listing.name, positionOfRank(listing, rank, limit), salt);
}

function positionOfRank(listing: CutListing, rank: number, limit: number): CursorPosition {
  switch (listing.cursors) {
    case 'offset':
      return { style: 'offset', rows: rank };
    case 'page':
      return { style: 'page', number: Math.floor(rank / limit) };
    case 'keyset':
      return {
        style: 'keyset',
        key: rank === 0 ? keyAboveTop(listing) : listing.list.keyAt(indexOfRank(listing, rank - 1)),
      };
  }
}

function rankOfPosition({ list, order }: CutListing, position: CursorPosition, limit: number): number {
  switch (position.style) {
    case 'offset':
      return position.rows;
    case 'page':
      return position.number * limit;
    case 'keyset':
      return order === 'ascending'
        ? rankOf(list, position.key, 'after')
        : list.count - rankOf(list, position.key, 'before');
  }
}

/** Where a page without rows goes on: still at the first row. */
function keyAboveTop({ order }: Pick<Listing, 'order'>): SortKey {
  return { atMs: order === 'ascending' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY, seq: 0 };
}

function indexOfRank({ list, order }: Pick<Listing, 'list' | 'order'>, rank: number): number {
  return order === 'ascending' ? rank : list.count - 1 - rank;
}
