import type { Monitor } from './model.ts';
import { PageGuard } from './page-guard.ts';
import type { MonitorPage, MonitorSource } from './ports.ts';

/** The listing of all monitors, as far as it was read. */
export interface Listing {
  readonly monitors: readonly Monitor[];
  readonly unreadable: MonitorPage['unreadable'];
  /** Read to its end; otherwise it ended early because every wanted monitor had been found. */
  readonly complete: boolean;
  readonly pages: number;
}

/**
 * Reads the listing of all monitors, each monitor once. With `wanted`, stops as soon as those have been found. `onPage`
 * is called for each page; the next one is asked for at once, and all calls have ended when this does.
 * @throws PagingError when the listing cannot be followed; the first error of `onPage`.
 */
export async function listMonitors(
  source: Pick<MonitorSource, 'listMonitors'>,
  wanted: ReadonlySet<string> | null,
  onPage: (monitors: readonly Monitor[]) => Promise<void>,
): Promise<Listing> {
  const guard = new PageGuard('monitors', null);
  const byId = new Map<string, Monitor>();
  const unreadable: MonitorPage['unreadable'][number][] = [];
  const missing = wanted === null ? null : new Set(wanted);
  const saving: Promise<void>[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const page: MonitorPage = await source.listMonitors(cursor);
    pages += 1;
    const ids = page.monitors.map((monitor) => monitor.id);
    cursor = guard.next(page, ids);
    const fresh: Monitor[] = [];
    for (const monitor of page.monitors) {
      // One statement cannot touch a row twice (SQLSTATE 21000), and one page may name a monitor twice.
      if (byId.has(monitor.id) || wanted?.has(monitor.id) === false) continue;
      byId.set(monitor.id, monitor);
      fresh.push(monitor);
    }
    unreadable.push(...page.unreadable);
    const saved = onPage(fresh);
    // Awaited at the end; until then a failure must not count as unhandled.
    saved.catch(() => undefined);
    saving.push(saved);
    for (const id of ids) missing?.delete(id);
    if (missing?.size === 0) break;
  } while (cursor !== null);
  await Promise.all(saving);
  return { monitors: [...byId.values()], unreadable, complete: cursor === null, pages };
}
