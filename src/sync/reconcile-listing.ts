import type { CycleContext } from './cycle-context.ts';
import { forMonitor } from './cycle-context.ts';
import { SkipMonitorError } from './errors.ts';
import { listMonitors, type Listing } from './list-monitors.ts';
import type { ListedMonitor } from './model.ts';

/** Reads the listing into the store. */
export async function storeListing(context: CycleContext): Promise<Listing> {
  const { source, cycle, options, tally, observe } = context;
  const listing = await listMonitors(source, options.only, (page) => cycle.saveMonitors(page));
  for (const monitor of listing.monitors) tally.seen(monitor.id);
  await recordUnusable(context, listing);
  observe({ type: 'monitors-listed', monitors: listing.monitors.length });
  return listing;
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
 * Asks for the monitors that are stored and not in a complete listing, and marks those absent that are gone. The listing
 * may have shifted while it was read and left a monitor out, be empty by mistake, or hold a record without a readable id,
 * which may be any of them. So each is asked for by id: once per monitor, as afterwards it is either absent or listed.
 * Last of all, since the API may fail for each of them and use up the retries that the cycle has.
 * @returns monitors that are there although the listing left them out.
 */
export async function reconcileUnlisted(
  context: CycleContext,
  listing: Listing,
): Promise<readonly ListedMonitor[]> {
  const { source, cycle, tally, options } = context;
  if (options.only !== null) return [];
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
