import { CursorRefusedError } from '../sync/errors.ts';
import { AnswerRefusedError, AnswerTooLargeError } from './http/errors.ts';
import { pageQuery } from './http/operation.ts';
import type { Endpoint } from './http/request-event.ts';
import type { Answered, Requester } from './http/requester.ts';
import type { ListLimits } from './list-limits.ts';
import { parsePage, type Page } from './records/parse-page.ts';

/** A list of the API that comes in pages. */
export interface PagedList {
  readonly endpoint: Endpoint;
  readonly label: string;
  readonly url: string;
}

export interface PageFetcherOptions {
  readonly requester: Requester;
  readonly api: string;
  /** Rows asked for at a time; the API may send fewer. */
  readonly pageSize: number;
  readonly limits: ListLimits;
}

/** A page of several rows that weighs more is asked for in parts: its objects would take several times that. */
const mostBytesOfPage = 2 * 1024 * 1024;

/** How an API may refuse a cursor that it does not know any more; nothing says which of them this one uses. */
const refusesCursor: ReadonlySet<number> = new Set([400, 404, 410, 422]);

/**
 * Asks for pages, and finds out what a 400 is about. The description of the Websets runs list names neither `limit` nor
 * `cursor`, so either may be refused: `limit` is given up first, and if that does not help it is the cursor. A page that
 * is too large to be read is asked for again with fewer rows.
 */
export class PageFetcher {
  readonly #options: PageFetcherOptions;

  constructor(options: PageFetcherOptions) {
    this.#options = options;
  }

  /** @throws CursorRefusedError when a cursor was sent and is what the API refuses; else as `Requester.request`. */
  async fetchPage(list: PagedList, cursor: string | null): Promise<Answered<Page>> {
    try {
      return await this.#fetchWithLimit(list, cursor);
    } catch (error) {
      const aboutTheCursor = error instanceof AnswerRefusedError && refusesCursor.has(error.status);
      if (cursor === null || !aboutTheCursor) throw error;
      throw new CursorRefusedError(`${error.message}: the cursor is refused`, { cause: error });
    }
  }

  async #fetchWithLimit(list: PagedList, cursor: string | null): Promise<Answered<Page>> {
    const { api, limits, pageSize } = this.#options;
    const limit = limits.limitOf(api, list.endpoint, list.url, pageSize);
    if (limit === null) return this.#fetch(list, null, cursor);
    try {
      return await this.#fetchReadable(list, limit, cursor);
    } catch (error) {
      if (!(error instanceof AnswerRefusedError) || error.status !== 400) throw error;
    }
    const answered = await this.#fetch(list, null, cursor);
    limits.refuseLimit(api, list.endpoint);
    return answered;
  }

  async #fetchReadable(list: PagedList, limit: number, cursor: string | null): Promise<Answered<Page>> {
    const { limits } = this.#options;
    try {
      const answered = await this.#fetch(list, limit, cursor);
      limits.learn(list.url, limit, answered.value.data.length, answered.bytes);
      return answered;
    } catch (error) {
      const fewer = error instanceof AnswerTooLargeError ? limits.shrink(list.url, limit) : null;
      if (fewer === null) throw error;
      return this.#fetchReadable(list, fewer, cursor);
    }
  }

  #fetch(list: PagedList, limit: number | null, cursor: string | null): Promise<Answered<Page>> {
    const url = `${list.url}${pageQuery(limit, cursor)}`;
    const maxBytes = limit !== null && limit > 1 ? mostBytesOfPage : Infinity;
    return this.#options.requester.request({ ...list, url, read: parsePage, maxBytes });
  }
}
