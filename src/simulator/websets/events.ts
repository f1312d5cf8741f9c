import type { WebsetsAccount } from './websets-account.ts';
import { openCursor, sealCursor } from '../answers/cursor.ts';
import { runAsOf } from './run-lifecycle.ts';
import type { SimulatedMonitor } from './simulated-monitor.ts';
import { toInstant } from '../state/instant.ts';
import type { JsonValue } from '../state/json-record.ts';

/** The types that this account sends. A failed or canceled run sends no event at its end. */
type EventType = 'monitor.created' | 'monitor.run.created' | 'monitor.run.completed';

export interface EventQuery {
  readonly limit: number;
  readonly cursor: string | null;
  /** Null: all. */
  readonly types: ReadonlySet<string> | null;
  /** Both inclusive, in milliseconds since the epoch. */
  readonly createdAfterMs: number | null;
  readonly createdBeforeMs: number | null;
}

interface AccountEvent {
  readonly id: string;
  readonly type: EventType;
  readonly atMs: number;
  readonly data: () => JsonValue;
}

const firstWindowMs = 15 * 60_000;

/**
 * One page of events, newest first; null when the cursor is unknown. Nothing is logged: events are found in the runs,
 * in windows of time that double until the page is full.
 */
export function planEventsPage(
  account: WebsetsAccount,
  query: EventQuery,
): {
  readonly events: readonly JsonValue[];
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
} | null {
  const below = query.cursor === null ? null : openEventCursor(query.cursor);
  if (query.cursor !== null && below === null) {
    return null;
  }
  const monitors = account.visibleMonitors();
  const nowMs = account.clock.now();
  const floorMs = Math.max(
    query.createdAfterMs ?? Number.NEGATIVE_INFINITY,
    earliestEventMs(monitors, nowMs),
  );
  const found: AccountEvent[] = [];
  let untilMs = Math.min(nowMs, query.createdBeforeMs ?? nowMs, below?.atMs ?? nowMs);
  for (let windowMs = firstWindowMs; found.length <= query.limit && untilMs >= floorMs; windowMs *= 2) {
    const fromMs = Math.max(floorMs, untilMs - windowMs);
    const window = monitors
      .flatMap((monitor) => eventsBetween(monitor, fromMs, untilMs, nowMs))
      .filter(
        (event) =>
          query.types?.has(event.type) !== false && (below === null || newestFirst(below, event) < 0),
      );
    found.push(...window.toSorted(newestFirst));
    untilMs = fromMs - 1;
  }
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  const hasMore = found.length > query.limit;
  return {
    events: page.map(({ id, type, atMs, data }) => ({
      id,
      object: 'event',
      type,
      data: data(),
      createdAt: toInstant(atMs),
    })),
    hasMore,
    nextCursor: hasMore && last !== undefined ? sealCursor('events', `${last.atMs}:${last.id}`) : null,
  };
}

function eventsBetween(
  monitor: SimulatedMonitor,
  fromMs: number,
  untilMs: number,
  nowMs: number,
): AccountEvent[] {
  const { settings, history } = monitor;
  const events: AccountEvent[] = [];
  const add = (id: string, type: EventType, atMs: number, data: () => JsonValue) => {
    if (atMs >= fromMs && atMs <= untilMs) {
      events.push({ id: `event_${id}`, type, atMs, data });
    }
  };
  add(settings.id, 'monitor.created', settings.createdAtMs, () =>
    monitor.asOf(settings.createdAtMs, 'newest'),
  );
  // A run that completed in the window may have been created before it.
  const oldestMs = fromMs - history.longestRunMs;
  monitor.catchUp(nowMs);
  for (
    let index = monitor.countRuns(untilMs) - 1;
    index >= 0 && history.keyAt(index).atMs >= oldestMs;
    index -= 1
  ) {
    const run = history.at(index);
    const { outcome } = run;
    add(`${run.id}_created`, 'monitor.run.created', run.createdAtMs, () =>
      runAsOf(run, settings.id, run.createdAtMs),
    );
    if (outcome?.status === 'completed') {
      add(`${run.id}_completed`, 'monitor.run.completed', outcome.atMs, () =>
        runAsOf(run, settings.id, outcome.atMs),
      );
    }
  }
  return events;
}

function earliestEventMs(monitors: readonly SimulatedMonitor[], nowMs: number): number {
  let earliestMs = Number.POSITIVE_INFINITY;
  for (const { settings, history } of monitors) {
    earliestMs = Math.min(
      earliestMs,
      settings.createdAtMs,
      history.count > 0 ? history.keyAt(0).atMs : nowMs,
    );
  }
  return earliestMs;
}

function newestFirst(
  one: Pick<AccountEvent, 'atMs' | 'id'>,
  other: Pick<AccountEvent, 'atMs' | 'id'>,
): number {
  if (one.atMs !== other.atMs) {
    return other.atMs - one.atMs;
  }
  return one.id < other.id ? 1 : Number(one.id !== other.id) * -1;
}

function openEventCursor(cursor: string): Pick<AccountEvent, 'atMs' | 'id'> | null {
  const payload = openCursor('events', cursor);
  const colon = payload?.indexOf(':') ?? -1;
  return payload === null ? null : { atMs: Number(payload.slice(0, colon)), id: payload.slice(colon + 1) };
}
