import type { CycleContext } from './cycle-context.ts';
import { forMonitor } from './cycle-context.ts';
import { SkipMonitorError } from './errors.ts';
import { listMonitors, type Listing } from './list-monitors.ts';
import type { ListedMonitor } from './model.ts';

/** Reads the listing into the store and marks monitors absent that a complete listing no longer has. */
export async function reconcileListing(context: CycleContext): Promise<readonly ListedMonitor[]> {
  const { source, cycle, options, tally, observe } = context;
  const listing = await listMonitors(source, options.only, (page) => cycle.saveMonitors(page));
  for (const monitor of listing.monitors) tally.seen(monitor.id);
  await recordUnusable(context, listing);
  const found = options.only === null ? await reconcileUnlisted(context, listing) : [];
  observe({ type: 'monitors-listed', monitors: listing.monitors.length + found.length });
  return [...listing.monitors, ...found];
}

async function recordUnusable({ options, tally }: CycleContext, listing: Listing): Promise<void> {
  for (const { id, reason } of listing.unreadable) {
    if (options.only === null || (id !== null && options.only.has(id))) {
      await tally.failed(id, new SkipMonitorError(reason));
    }
  }
  const known = new Set([...listing.monitors, ...listing.unreadable].map(({ id }) => id));
  for (const id of options.only ?? []) {
    if (!known.has(id))
      await tally.failed(id, new SkipMonitorError(`monitor ${id}: the API does not list it`));
  }
}

/**
 * Monitors that are stored and not in the listing. It may have shifted while it was read and left a monitor out, be empty
 * by mistake, or hold a record without a readable id, which may be any of them. So each is asked for by id: once per
 * monitor, as afterwards it is either absent or listed.
 * @returns monitors that are there although the listing left them out.
 */
async function reconcileUnlisted(context: CycleContext, listing: Listing): Promise<readonly ListedMonitor[]> {
  const { source, cycle, tally } = context;
  const listed = new Set([...listing.monitors, ...listing.unreadable].flatMap(({ id }) => id ?? []));
  const unlisted = await cycle.findUnlistedMonitors(listed);
  const found: ListedMonitor[] = [];
  await Promise.all(
    unlisted.map((monitorId) =>
      forMonitor(context, monitorId, async () => {
        const monitor = await source.getMonitor(monitorId);
        if (monitor === null) return cycle.markMonitorsAbsent([monitorId]);
        await cycle.saveMonitors([monitor]);
        tally.seen(monitorId);
        found.push(monitor);
      }),
    ),
  );
  context.gate.throwIfStopped();
  return found;
}
