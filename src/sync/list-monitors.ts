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
 * is started for each page while the next one is being read.
 * @throws PagingError when the listing cannot be followed.
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
  let saving = Promise.resolve();
  let cursor: string | null = null;
  let pages = 0;
  do {
    const [page]: [MonitorPage, void] = await Promise.all([source.listMonitors(cursor), saving]);
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
    saving = onPage(fresh);
    // Awaited with the next page; until then a failure must not count as unhandled.
    saving.catch(() => undefined);
    for (const id of ids) missing?.delete(id);
    if (missing?.size === 0) break;
  } while (cursor !== null);
  await saving;
  return { monitors: [...byId.values()], unreadable, complete: cursor === null, pages };
}
