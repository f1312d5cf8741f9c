import type { ListedMonitor, Monitor } from '../model.ts';
import { PageGuard, PagingError } from '../page-guard.ts';
import type { MonitorPage, MonitorSource } from '../ports.ts';

/**
 * A listing with more records is taken for one without end: ten times what the sync is measured with, and what the memory
 * of a small container still holds.
 */
const mostRecords = 100_000;

/** The listing of all monitors, as far as it was read. */
export interface Listing {
  readonly monitors: readonly ListedMonitor[];
  readonly unreadable: MonitorPage['unreadable'];
  readonly pages: number;
  /** Read to its end; otherwise it ended early because every wanted monitor had been found. */
  readonly complete: boolean;
}

/**
 * Reads the listing of all monitors, each monitor once. `onPage` is called for each page, without waiting for the call
 * before it; all calls have ended when this does, and once one has failed no further page is asked for. With `wanted`,
 * stops as soon as those have been found.
 * @throws PagingError when the listing cannot be followed or does not end; the first error of `onPage`.
 */
export async function listMonitors(
  source: Pick<MonitorSource, 'listMonitors'>,
  wanted: ReadonlySet<string> | null,
  onPage: (monitors: readonly Monitor[]) => Promise<void>,
): Promise<Listing> {
  const guard = new PageGuard('monitors', null);
  const gathered = new Gathered(wanted);
  const saving: Promise<void>[] = [];
  let saveFailed = false;
  let pages = 0;
  let cursor: string | null = null;
  let asked: Promise<MonitorPage> | null = source.listMonitors(null);
  try {
    while (asked !== null) {
      const page: MonitorPage = await asked;
      pages += 1;
      cursor = guard.next(
        page,
        page.monitors.map(({ id }) => id),
      );
      const fresh = gathered.add(page);
      // The next page travels while this one is saved.
      const goesOn = cursor !== null && !saveFailed && gathered.missesSome();
      asked = goesOn ? source.listMonitors(cursor) : null;
      // Awaited above or below; until then its failure must not count as unhandled.
      asked?.catch(() => undefined);
      const saved = onPage(fresh);
      saved.catch(() => (saveFailed = true));
      saving.push(saved);
    }
    await Promise.all(saving);
    return { ...gathered.records(), pages, complete: cursor === null };
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
  #records = 0;

  constructor(wanted: ReadonlySet<string> | null) {
    this.#wanted = wanted;
    this.#missing = new Set(wanted);
  }

  /** @returns the page's monitors that no page before it had. @throws PagingError */
  add(page: MonitorPage): readonly Monitor[] {
    this.#records += page.monitors.length + page.unreadable.length;
    if (this.#records > mostRecords) {
      throw new PagingError(
        `monitors: the listing has no end: more than ${mostRecords} records, and still more`,
      );
    }
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

  /** Whether a later page may have a monitor that is wanted. */
  missesSome(): boolean {
    return this.#wanted === null || this.#missing.size > 0;
  }

  records(): Pick<Listing, 'monitors' | 'unreadable'> {
    return { monitors: [...this.#byId.values()], unreadable: this.#unreadable };
  }
}

function withoutContent({ id, status, lastRun, nextRunAt, createdAt }: Monitor): ListedMonitor {
  return { id, status, lastRun, nextRunAt, createdAt };
}
