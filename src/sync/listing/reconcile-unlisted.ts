import { forMonitor, type CycleContext } from '../cycle-context.ts';
import type { ListedMonitor } from '../model.ts';
import type { Listing } from './list-monitors.ts';

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
  const { unlisted } = await cycle.findUnlistedMonitors(listed);
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
