import { SkipMonitorError } from './errors.ts';
import type { Paging } from './ports.ts';

/** The API's paging contradicts itself: following it could loop for ever or lose rows. */
export class PagingError extends SkipMonitorError {
  override readonly name = 'PagingError';
}

/** An API that filters after paging may send a few empty pages; more of them in a row is a list without end. */
const emptyPagesAllowed = 20;

/**
 * Watches the pages of one list and refuses to loop. Cursors are remembered; a list that starts over under fresh
 * cursors is found by its rows, with Brent's cycle detection: one remembered id, moved to the current page at each
 * power of two, meets every loop without remembering all ids.
 */
export class PageGuard {
  readonly #list: string;
  readonly #usedCursors = new Set<string>();
  #pages = 0;
  #emptyPages = 0;
  #anchorId: string | null = null;
  #anchorPage = 0;

  /** `list` names the list in errors, as in "runs of monitor X". */
  constructor(list: string, firstCursor: string | null) {
    this.#list = list;
    if (firstCursor !== null) this.#usedCursors.add(firstCursor);
  }

  /**
   * Checks one page in the order of reading.
   * @returns the cursor of the next page, or null at the end of the list.
   * @throws PagingError when the list cannot be followed.
   */
  next(page: Paging, ids: readonly string[]): string | null {
    this.refuseRepetition(ids);
    return this.follow(page);
  }

  /** The half of `next` that needs no rows: where the page says that the list goes on. */
  follow(page: Paging): string | null {
    if (!page.hasMore) return null;
    if (page.nextCursor === null) {
      throw new PagingError(`${this.#list}: the API says that there is more and gives no cursor`);
    }
    if (this.#usedCursors.has(page.nextCursor)) {
      throw new PagingError(`${this.#list}: the API gives a cursor a second time, following it would loop`);
    }
    this.#usedCursors.add(page.nextCursor);
    return page.nextCursor;
  }

  /** The other half: whether the rows say that the list goes on for ever. */
  refuseRepetition(ids: readonly string[]): void {
    this.#pages += 1;
    this.#emptyPages = ids.length === 0 ? this.#emptyPages + 1 : 0;
    if (this.#emptyPages > emptyPagesAllowed) {
      throw new PagingError(`${this.#list}: ${this.#emptyPages} empty pages in a row, and still more`);
    }
    const [firstId] = ids;
    if (firstId === undefined) return;
    // The page right after the anchor's may repeat it honestly: rows shift when runs are added while pages are read.
    if (this.#anchorId !== null && this.#pages > this.#anchorPage + 1 && ids.includes(this.#anchorId)) {
      throw new PagingError(`${this.#list}: the list starts over at ${this.#anchorId}`);
    }
    if (this.#anchorId === null || this.#pages >= 2 * this.#anchorPage) {
      this.#anchorId = firstId;
      this.#anchorPage = this.#pages;
    }
  }
}
