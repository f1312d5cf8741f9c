import type { SimulatedAccount } from '../account/account.ts';
import { ApiError } from '../answers/api-error.ts';
import { encodePage, encodeRun } from './encode.ts';
import { planEventsPage } from './events.ts';
import type { Endpoint, PageFault } from '../answers/faults.ts';
import { planPage } from '../answers/paging.ts';
import { eventsQuery, monitorsQuery, parseQuery, runsQuery } from './query.ts';
import type { SimulatedMonitor } from './simulated-monitor.ts';

/** A request as its answer depends on it. */
interface ApiRequest {
  readonly monitorId: string;
  readonly runId: string;
  /** As parsed from the URL, unchecked. */
  readonly query: unknown;
  readonly ordinal: number;
  readonly fault: PageFault | null;
}

/** Makes the JSON text of a 200 answer. @throws ApiError for anything else. */
export type Answer = (account: SimulatedAccount, request: ApiRequest) => string;

export const answers: Readonly<Record<Endpoint, Answer>> = {
  monitors: answerMonitors,
  monitor: answerMonitor,
  runs: answerRuns,
  run: answerRun,
  events: answerEvents,
};

function answerMonitors(account: SimulatedAccount, { query, fault, ordinal }: ApiRequest): string {
  const { limit, cursor = null, websetId } = parseQuery(monitorsQuery, query);
  const list = account.monitorList(websetId);
  const name = `monitors ${websetId ?? ''}`;
  const listing = { name, list, order: 'descending', cursors: account.quirks.cursors } as const;
  const page = planPage(listing, { limit, cursor, fault, ordinal }) ?? refuseCursor();
  const nowMs = account.clock.now();
  const rows = page.indexes.map((index) =>
    JSON.stringify(list.monitorAt(index).served(nowMs, account.quirks.lastRun)),
  );
  return encodePage(rows, page);
}

function answerMonitor(account: SimulatedAccount, { monitorId }: ApiRequest): string {
  const monitor = findMonitor(account, monitorId);
  return JSON.stringify(monitor.served(account.clock.now(), account.quirks.lastRun));
}

function answerRuns(account: SimulatedAccount, { monitorId, query, fault, ordinal }: ApiRequest): string {
  const { limit, cursor = null } = parseQuery(runsQuery, query);
  const monitor = findMonitor(account, monitorId);
  const { history } = monitor;
  const nowMs = account.clock.now();
  const { runOrder, cursors } = account.quirks;
  const list = { count: monitor.countRuns(nowMs), keyAt: (index: number) => history.keyAt(index) };
  const listing = { name: `runs ${monitorId}`, list, order: runOrder, cursors };
  const page = planPage(listing, { limit, cursor, fault, ordinal }) ?? refuseCursor();
  return encodePage(
    page.indexes.map((index) => encodeRun(history.at(index), monitorId, nowMs)),
    page,
  );
}

function answerRun(account: SimulatedAccount, { monitorId, runId }: ApiRequest): string {
  const { history } = findMonitor(account, monitorId);
  const nowMs = account.clock.now();
  const index = history.indexOfId(runId);
  if (index === -1 || history.keyAt(index).atMs > nowMs) {
    throw new ApiError(404, `Monitor run ${runId} not found`);
  }
  return encodeRun(history.at(index), monitorId, nowMs);
}

function answerEvents(account: SimulatedAccount, { query }: ApiRequest): string {
  const { limit, cursor = null, types, createdAfter, createdBefore } = parseQuery(eventsQuery, query);
  const page =
    planEventsPage(account, {
      limit,
      cursor,
      types: types ?? null,
      createdAfterMs: createdAfter ?? null,
      createdBeforeMs: createdBefore ?? null,
    }) ?? refuseCursor();
  return encodePage(
    page.events.map((event) => JSON.stringify(event)),
    page,
  );
}

/** @throws ApiError 404 */
function findMonitor(account: SimulatedAccount, monitorId: string): SimulatedMonitor {
  const monitor = account.findMonitor(monitorId);
  if (monitor === undefined) {
    throw new ApiError(404, `Monitor ${monitorId} not found`);
  }
  monitor.catchUp(account.clock.now());
  return monitor;
}

function refuseCursor(): never {
  throw new ApiError(400, 'Invalid cursor');
}
