import { CursorRefusedError } from '../sync/errors.ts';
import { AnswerRefusedError } from './http/errors.ts';
import { pageQuery } from './http/operation.ts';
import type { Endpoint } from './http/request-event.ts';
import type { Answered, Requester } from './http/requester.ts';

/** A list of the API that comes in pages, and how a page of it is read. */
export interface PagedList<T> {
  readonly endpoint: Endpoint;
  readonly label: string;
  readonly url: string;
  /** As `Operation.read`. */
  readonly read: (json: unknown) => T;
}

/** How an API may refuse a cursor that it does not know any more; nothing says which of them this one uses. */
const refusesCursor: ReadonlySet<number> = new Set([400, 404, 410, 422]);

/**
 * Asks for pages, and finds out what a 400 is about. The description of the runs list names neither `limit` nor
 * `cursor`, so either may be refused: `limit` is given up first, and if that does not help it is the cursor.
 */
export class PageFetcher {
  readonly #requester: Requester;
  readonly #pageSize: number;
  readonly #withoutLimit: Set<Endpoint>;

  /** `withoutLimit`: endpoints known to refuse `limit`; what is learned is added. */
  constructor(requester: Requester, pageSize: number, withoutLimit: Set<Endpoint>) {
    this.#requester = requester;
    this.#pageSize = pageSize;
    this.#withoutLimit = withoutLimit;
  }

  /** @throws CursorRefusedError when a cursor was sent and is what the API refuses; else as `Requester.request`. */
  async fetchPage<T>(list: PagedList<T>, cursor: string | null): Promise<Answered<T>> {
    try {
      return await this.#fetchWithLimit(list, cursor);
    } catch (error) {
      const aboutTheCursor = error instanceof AnswerRefusedError && refusesCursor.has(error.status);
      if (cursor === null || !aboutTheCursor) throw error;
      throw new CursorRefusedError(`${error.message}: the cursor is refused`, { cause: error });
    }
  }

  async #fetchWithLimit<T>(list: PagedList<T>, cursor: string | null): Promise<Answered<T>> {
    if (this.#withoutLimit.has(list.endpoint)) return this.#fetch(list, null, cursor);
    try {
      return await this.#fetch(list, this.#pageSize, cursor);
    } catch (error) {
      if (!(error instanceof AnswerRefusedError) || error.status !== 400) throw error;
    }
    const answered = await this.#fetch(list, null, cursor);
    this.#withoutLimit.add(list.endpoint);
    return answered;
  }

  #fetch<T>(list: PagedList<T>, limit: number | null, cursor: string | null): Promise<Answered<T>> {
    const url = `${list.url}${pageQuery(limit, cursor)}`;
    return this.#requester.request({ ...list, url });
  }
}
