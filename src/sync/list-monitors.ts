import { setImmediate as otherEvents } from 'node:timers/promises';
import type { ListedMonitor, Monitor } from './model.ts';
import { PageGuard } from './page-guard.ts';
import type { KnownListing, MonitorPage, MonitorSource } from './ports.ts';
import { Recognition, type Recognized } from './recognition.ts';

/** The listing of all monitors, as far as it was read. */
export interface Listing extends Recognized {
  readonly monitors: readonly ListedMonitor[];
  readonly unreadable: MonitorPage['unreadable'];
  /** Read to its end; otherwise it ended early because every wanted monitor had been found. */
  readonly complete: boolean;
}

const nothingKnown = Promise.resolve(null);

/**
 * Reads the listing of all monitors, each monitor once. `onPage` is called for each page, without waiting for the call
 * before it; all calls have ended when this does, and once one has failed no further page is asked for. With `wanted`,
 * stops as soon as those have been found. While its pages are those of `known`, which may still be on its way, their
 * records are not looked at.
 * @throws PagingError when the listing cannot be followed; the first error of `onPage`; the error of `known`.
 */
export async function listMonitors(
  source: Pick<MonitorSource, 'listMonitors'>,
  wanted: ReadonlySet<string> | null,
  onPage: (monitors: readonly Monitor[]) => Promise<void>,
  known: Promise<KnownListing | null> = nothingKnown,
): Promise<Listing> {
  const guard = new PageGuard('monitors', null);
  const gathered = new Gathered(wanted);
  const saving: Promise<void>[] = [];
  let saveFailed = false;
  let cursor: string | null = null;
  const take = (page: MonitorPage): void => {
    guard.refuseRepetition(page.monitors.map(({ id }) => id));
    const saved = onPage(gathered.add(page));
    saved.catch(() => (saveFailed = true));
    saving.push(saved);
  };
  let asked: Promise<MonitorPage> | null = source.listMonitors(null);
  // Awaited later; until then its failure must not count as unhandled.
  asked.catch(() => undefined);
  try {
    const recognition = new Recognition(await known);
    while (asked !== null) {
      const page: MonitorPage = await asked;
      cursor = guard.follow(page);
      const unread = recognition.offer(page, cursor);
      const ask = () =>
        cursor === null || saveFailed ? null : source.listMonitors(cursor, recognition.expected());
      // Among wanted monitors the records of this page decide whether there is a next one.
      asked = wanted === null ? ask() : null;
      asked?.catch(() => undefined);
      for (const each of unread) {
        // The request has to leave before the records take the processor.
        if (asked !== null) await otherEvents();
        take(each);
      }
      if (wanted !== null && gathered.missesSome()) asked = ask();
    }
    await Promise.all(saving);
    return { ...gathered.records(), complete: cursor === null, ...recognition.result() };
  } finally {
    await Promise.allSettled([asked, ...saving]);
  }
}

/** The monitors of all pages so far, each once, of which only the wanted ones. */
class Gathered {
  readonly #wanted: ReadonlySet<string> | null;
  readonly #missing: Set<string>;
  readonly #byId = new Map<string, ListedMonitor>();
  readonly #unreadable: MonitorPage['unreadable'][number][] = [];

  constructor(wanted: ReadonlySet<string> | null) {
    this.#wanted = wanted;
    this.#missing = new Set(wanted);
  }

  /** @returns the page's monitors that no page before it had. */
  add(page: MonitorPage): readonly Monitor[] {
    const fresh: Monitor[] = [];
    for (const monitor of page.monitors) {
      // One statement cannot touch a row twice (SQLSTATE 21000), and one page may name a monitor twice.
      if (this.#byId.has(monitor.id) || this.#wanted?.has(monitor.id) === false) continue;
      this.#byId.set(monitor.id, withoutContent(monitor));
      this.#missing.delete(monitor.id);
      fresh.push(monitor);
    }
    this.#unreadable.push(...page.unreadable);
    return fresh;
  }

  /** Whether a wanted monitor has not been found yet. */
  missesSome(): boolean {
    return this.#missing.size > 0;
  }

  records(): Pick<Listing, 'monitors' | 'unreadable'> {
    return { monitors: [...this.#byId.values()], unreadable: this.#unreadable };
  }
}

function withoutContent({ id, status, lastRun, nextRunAt, createdAt }: Monitor): ListedMonitor {
  return { id, status, lastRun, nextRunAt, createdAt };
}
