import type { CycleContext } from '../cycle-context.ts';
import { SkipMonitorError } from '../errors.ts';
import { listMonitors, type Listing } from './list-monitors.ts';

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
