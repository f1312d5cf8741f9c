import { dueOpenRuns } from './ask-for-open-runs.ts';
import type { CycleContext } from './cycle-context.ts';
import type { Listing } from './list-monitors.ts';
import { instantOf } from './model.ts';
import type { KnownListing } from './ports.ts';

/**
 * The listing that leaves this cycle nothing to do. Null: there is none, the cycle is to do more than what is needed, or
 * it asks for open runs; as long as a run is young, that is each cycle.
 */
export async function recallListing({ cycle, clock, options }: CycleContext): Promise<KnownListing | null> {
  if (options.full || options.since !== null || options.only !== null) return null;
  const nowMs = clock.now();
  const recalled = await cycle.recallListing(instantOf(nowMs), options.fullWalkDays);
  return recalled === null || dueOpenRuns(recalled, null, nowMs).length > 0 ? null : recalled;
}

/** Skips all monitors of a known listing. */
export function skipKnown({ tally, observe }: CycleContext, { monitors }: KnownListing): void {
  tally.skippedUnread(monitors);
  observe({ type: 'monitors-listed', monitors });
  observe({ type: 'planned', decisions: { skip: monitors, resume: 0, incremental: 0, full: 0, since: 0 } });
}

/**
 * Remembers a listing that names all monitors when the cycle leaves nothing to do with it: another one that finds the same
 * bytes, and the warehouse as this one leaves it, would skip every monitor.
 */
export async function rememberListing(
  { cycle, options, tally, quiet }: CycleContext,
  { monitors, knownBy }: Listing,
): Promise<void> {
  const span = quiet.span();
  if (options.only !== null || knownBy === null || span === null || tally.counts().monitors.failed > 0)
    return;
  await cycle.rememberListing({
    pages: knownBy,
    monitors: monitors.length,
    quiet: { from: instantOf(span.fromMs), until: instantOf(span.untilMs) },
    fullWalkDays: options.fullWalkDays,
  });
}
