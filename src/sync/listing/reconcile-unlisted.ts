import { forMonitor, type CycleContext } from '../cycle-context.ts';
import type { ListedMonitor } from '../model.ts';
import type { UnlistedMonitors } from '../ports.ts';
import type { Listing } from './list-monitors.ts';

/** What became of the monitors that are stored and that a listing lacks. */
export interface Reconciled {
  /** Those that are there although the listing left them out. */
  readonly found: readonly ListedMonitor[];
  /** Why monitors that the API does not have were not marked absent; null: they were. */
  readonly doubt: string | null;
}

/** Where fewer monitors are stored, all of them may really be gone. */
const fewestDoubted = 5;

/** When the API has none of so many, it is taken to have none of the others either. */
const sampleSize = 5;

/**
 * Asks for the monitors that are stored and not in a complete listing, and marks those absent that are gone. The listing
 * may have shifted while it was read and left a monitor out, be empty by mistake, or hold a record without a readable id,
 * which may be any of them. So each is asked for by id: once per monitor, as afterwards it is either absent or listed.
 * Last of all, since the API may fail for each of them and use up the retries that the cycle has.
 *
 * Where more than half of the monitors are gone it may be the key of another account that was put in: then none is marked.
 */
export async function reconcileUnlisted(context: CycleContext, listing: Listing): Promise<Reconciled> {
  const { cycle, options, gate } = context;
  if (options.only !== null) return { found: [], doubt: null };
  const listed = new Set([...listing.monitors, ...listing.unreadable].flatMap(({ id }) => id ?? []));
  const missing = await cycle.findUnlistedMonitors(listed);
  const answers = new Answers(context);
  if (!isDoubtful(missing) || options.acceptMissing) {
    await answers.ask(missing.unlisted, (monitorId) => cycle.markMonitorsAbsent([monitorId]));
    gate.throwIfStopped();
    return { found: answers.found, doubt: null };
  }
  await answers.ask(missing.unlisted.slice(0, sampleSize), () => Promise.resolve());
  // With a key of another account, each further request would be in vain.
  if (answers.found.length > 0) {
    await answers.ask(missing.unlisted.slice(sampleSize), () => Promise.resolve());
  }
  gate.throwIfStopped();
  return { found: answers.found, doubt: answers.gone === 0 ? null : doubtOf(missing) };
}

function isDoubtful({ present, unlisted }: UnlistedMonitors): boolean {
  return present >= fewestDoubted && unlisted.length * 2 > present;
}

function doubtOf({ present, unlisted }: UnlistedMonitors): string {
  return `the API lists ${present - unlisted.length} of the ${present} monitors that are stored; none was marked absent: is it the key of this account? If so, run "sync --accept-missing"`;
}

/** What the API says of single monitors. */
class Answers {
  readonly #context: CycleContext;
  readonly found: ListedMonitor[] = [];
  gone = 0;

  constructor(context: CycleContext) {
    this.#context = context;
  }

  async ask(monitorIds: readonly string[], onGone: (monitorId: string) => Promise<void>): Promise<void> {
    const { source, cycle, tally } = this.#context;
    await Promise.all(
      monitorIds.map((monitorId) =>
        forMonitor(this.#context, monitorId, async () => {
          const monitor = await source.getMonitor(monitorId);
          if (monitor === null) {
            this.gone += 1;
            return onGone(monitorId);
          }
          await cycle.saveMonitors([monitor]);
          tally.seen(monitorId);
          this.found.push(monitor);
        }),
      ),
    );
  }
}
