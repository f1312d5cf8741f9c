import type { CycleContext } from './cycle-context.ts';
import { forMonitor } from './cycle-context.ts';
import { SkipMonitorError } from './errors.ts';
import { skipKnown, type ReconciledListing } from './known-listing.ts';
import { listMonitors, type Listing } from './list-monitors.ts';
import type { ListedMonitor, Monitor } from './model.ts';
import type { KnownListing } from './ports.ts';

/**
 * Reads the listing into the store and marks monitors absent that a complete listing no longer has. `onChange` is called
 * as soon as a page is not the known one.
 * @returns null when the listing is page for page the known one: then the store is left alone and all are skipped.
 */
export async function reconcileListing(
  context: CycleContext,
  known: Promise<KnownListing | null>,
  onChange: () => void,
): Promise<ReconciledListing | null> {
  const { source, cycle, options, tally, observe } = context;
  const save = (page: readonly Monitor[]): Promise<void> => {
    onChange();
    return cycle.saveMonitors(page);
  };
  const listing = await listMonitors(source, options.only, save, known);
  const expected = await known;
  if (expected !== null && listing.isKnown) {
    skipKnown(context, expected);
    return null;
  }
  for (const monitor of listing.monitors) tally.seen(monitor.id);
  await recordUnusable(context, listing);
  const found = options.only === null ? await reconcileUnlisted(context, listing) : [];
  observe({ type: 'monitors-listed', monitors: listing.monitors.length + found.length });
  const namesAll = options.only === null && found.length === 0;
  return { monitors: [...listing.monitors, ...found], knownBy: namesAll ? listing.knownBy : null };
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
