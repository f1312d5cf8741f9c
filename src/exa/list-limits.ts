import type { Endpoint } from './http/request-event.ts';

/** What a page should not weigh more than: eight of them are read at once, and their objects take several times the text. */
const wantedBytes = 2 * 1024 * 1024;
/** How much smaller a page is asked for when nothing but its being too large is known. */
const shrinkBy = 8;
/** How many more rows than the last time are asked for at most. */
const growBy = 4;

/**
 * How many rows are asked for at a time: as many as allowed, but fewer of a list whose last answers were large. Learned
 * from answers, and worth keeping across cycles.
 */
export class ListLimits {
  /** By list; a list that is not here has shown no need of care. */
  readonly #careful = new Map<string, number>();
  readonly #refused = new Set<string>();

  /** The rows to ask for; null: the API refuses to be told. */
  limitOf(api: string, endpoint: Endpoint, url: string, most: number): number | null {
    if (this.#refused.has(`${api} ${endpoint}`)) return null;
    return Math.min(most, this.#careful.get(url) ?? most);
  }

  /** The API answers this question without `limit` and not with it. */
  refuseLimit(api: string, endpoint: Endpoint): void {
    this.#refused.add(`${api} ${endpoint}`);
  }

  /** A page came that weighed so much. */
  learn(url: string, limit: number, rows: number, bytes: number): void {
    if (bytes <= wantedBytes && !this.#careful.has(url)) return;
    const fitting = Math.floor((Math.max(1, rows) * wantedBytes) / Math.max(1, bytes));
    this.#careful.set(url, Math.max(1, Math.min(fitting, limit * growBy)));
  }

  /** A page was too large to be read. @returns how many rows to ask for now; null: it was one already. */
  shrink(url: string, limit: number): number | null {
    if (limit <= 1) return null;
    const fewer = Math.max(1, Math.floor(limit / shrinkBy));
    this.#careful.set(url, fewer);
    return fewer;
  }
}
