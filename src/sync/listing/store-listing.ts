import type { CycleContext } from '../cycle-context.ts';
import { SkipMonitorError } from '../errors.ts';
import { instantOf } from '../model.ts';
import type { ForeignMonitor } from '../ports.ts';
import { listMonitors, type Listing } from './list-monitors.ts';
import type { SourceListing } from './wanted-monitors.ts';

/** The listing of a source without the monitors that belong to other sources. */
export interface StoredListing extends Listing {
  /** The monitors that a person named and no source of the cycle lists, for this source to report. */
  readonly listedNowhere: Promise<readonly string[]>;
}

/** Reads the listing into the store. */
export async function storeListing(context: CycleContext, wish: SourceListing): Promise<StoredListing> {
  const { source, cycle, options, tally, observe } = context;
  const foreign = new Map<string, ForeignMonitor>();
  const listing = await listMonitors(source, options.only, async (page) => {
    for (const monitor of await cycle.saveMonitors(page)) foreign.set(monitor.id, monitor);
  });
  tally.listed();
  await noteReadable(context);
  const monitors = listing.monitors.filter(({ id }) => !foreign.has(id));
  for (const { id } of monitors) tally.seen(id);
  for (const monitor of foreign.values()) tally.refused(monitor.id, foreignError(monitor));
  await recordUnusable(context, listing);
  observe({ type: 'monitors-listed', monitors: monitors.length });
  const ids = new Set([...listing.monitors, ...listing.unreadable].flatMap(({ id }) => id ?? []));
  return { ...listing, monitors, listedNowhere: wish.listed(ids) };
}

/** Only once: a cycle in which nothing changed writes nothing. */
async function noteReadable({ cycle, clock }: CycleContext): Promise<void> {
  const { readableAt, unavailableSince } = cycle.access;
  if (readableAt === null || unavailableSince !== null) await cycle.recordReadable(instantOf(clock.now()));
}

function foreignError({ id, storedUnder: { account, api } }: ForeignMonitor): SkipMonitorError {
  return new SkipMonitorError(`monitor ${id} is stored as one of ${account}/${api}: it is not read here`);
}

async function recordUnusable({ options, tally }: CycleContext, listing: Listing): Promise<void> {
  for (const { id, reason } of listing.unreadable) {
    if (options.only === null || (id !== null && options.only.has(id))) {
      await tally.failed(id, new SkipMonitorError(reason));
    }
  }
}
