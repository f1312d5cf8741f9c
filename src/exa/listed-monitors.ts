import type { MonitorPage } from '../sync/ports.ts';
import { parseMonitor } from './parse-monitor.ts';
import type { Page } from './parse-page.ts';

/** A page of the listing whose records are parsed when they are first looked at. */
export class ListedMonitors implements MonitorPage {
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
  readonly #data: readonly unknown[];
  #records: Pick<MonitorPage, 'monitors' | 'unreadable'> | null = null;

  constructor({ data, hasMore, nextCursor }: Page) {
    this.#data = data;
    this.hasMore = hasMore;
    this.nextCursor = nextCursor;
  }

  get monitors(): MonitorPage['monitors'] {
    return this.#read().monitors;
  }

  get unreadable(): MonitorPage['unreadable'] {
    return this.#read().unreadable;
  }

  #read(): Pick<MonitorPage, 'monitors' | 'unreadable'> {
    if (this.#records !== null) return this.#records;
    const parsed = this.#data.map(parseMonitor);
    this.#records = {
      monitors: parsed.flatMap(({ monitor }) => monitor ?? []),
      unreadable: parsed.flatMap(({ unreadable }) => unreadable ?? []),
    };
    return this.#records;
  }
}
