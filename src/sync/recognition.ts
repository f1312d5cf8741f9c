import type { KnownListing, KnownPage, MonitorPage } from './ports.ts';

/** What is known of a listing by its pages, whatever is on them. */
export interface Recognized {
  readonly pages: number;
  /** What a later cycle may know it by; null: it is too large for that. */
  readonly knownBy: readonly KnownPage[] | null;
  /** It is page for page the known one: no record of it was looked at. */
  readonly isKnown: boolean;
}

/** Bytes of pages that are held unread because they are the known ones so far: about 50,000 monitors. */
const mostHeld = 32 * 1024 * 1024;

/** Compares the pages of a listing with those of a known one as they come. */
export class Recognition {
  readonly #known: KnownListing | null;
  readonly #pages: KnownPage[] = [];
  #held: MonitorPage[] = [];
  #size = 0;
  #differs: boolean;

  constructor(known: KnownListing | null) {
    this.#known = known;
    this.#differs = known === null;
  }

  /** What the next page is if the listing goes on being the known one. */
  expected(): KnownPage | undefined {
    return this.#differs ? undefined : this.#known?.pages[this.#pages.length];
  }

  /**
   * Takes a page, after which the listing goes on at `nextCursor`.
   * @returns the pages to be looked at now: none while all are the known ones, and from the first other one on all.
   */
  offer(page: MonitorPage, nextCursor: string | null): readonly MonitorPage[] {
    this.#differs ||= page.digest !== this.expected()?.digest;
    this.#pages.push({ digest: page.digest, nextCursor });
    this.#size += page.size;
    this.#held.push(page);
    if (!this.#differs) return [];
    const unread = this.#held;
    this.#held = [];
    return unread;
  }

  /** Once the listing has been read to its end. */
  result(): Recognized {
    return {
      pages: this.#pages.length,
      knownBy: this.#size > mostHeld ? null : this.#pages,
      isKnown: !this.#differs,
    };
  }
}
