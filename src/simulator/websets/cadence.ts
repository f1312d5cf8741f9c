import { Cron } from 'croner';
import type { Cadence } from './wire.ts';

export interface CadenceCalendar {
  /** The first instant after `afterMs` at which the cadence fires; null when it never does. */
  nextAfter(cadence: Cadence, afterMs: number): number | null;
}

interface KnownOccurrences {
  readonly cron: Cron;
  /** Every occurrence after this instant, up to the last known one, is in `instants`. */
  readonly fromMs: number;
  readonly instants: number[];
}

/**
 * Remembers occurrences per cadence: thousands of monitors share a few hundred cadences, and finding an occurrence in
 * a time zone costs about as much as serving a page.
 */
export function createCadenceCalendar(): CadenceCalendar {
  const known = new Map<string, KnownOccurrences>();
  return {
    nextAfter(cadence, afterMs) {
      const name = `${cadence.timezone} ${cadence.cron}`;
      let occurrences = known.get(name);
      if (occurrences === undefined || afterMs < occurrences.fromMs) {
        const cron =
          occurrences?.cron ?? new Cron(cadence.cron, { timezone: cadence.timezone, mode: '5-part' });
        occurrences = { cron, fromMs: afterMs, instants: [] };
        known.set(name, occurrences);
      }
      return findAfter(occurrences, afterMs);
    },
  };
}

function findAfter({ cron, fromMs, instants }: KnownOccurrences, afterMs: number): number | null {
  let last = instants.at(-1) ?? fromMs;
  while (last <= afterMs) {
    const next = cron.nextRun(new Date(last));
    if (next === null) {
      return null;
    }
    last = next.getTime();
    instants.push(last);
  }
  let index = instants.length - 1;
  while (index > 0 && (instants[index - 1] ?? 0) > afterMs) {
    index -= 1;
  }
  return instants[index] ?? null;
}
