import { ApiError } from '../answers/api-error.ts';
import { isHidden, refuseCursor, seenAtMs } from '../answers/api-request.ts';
import type { Answer, ApiRequest } from '../answers/api-request.ts';
import type { Endpoint } from '../answers/faults.ts';
import { arrange } from '../answers/list-order.ts';
import type { Page } from '../answers/paging.ts';
import { parseQuery } from '../answers/query.ts';
import { searchMonitorsQuery, searchRunsQuery } from './query.ts';
import type { SearchAccount, SearchQuirks } from './search-account.ts';
import type { SearchMonitor } from './search-monitor.ts';
import { encodeSearchRun, searchUpdatedAtMsOf, withoutOutput } from './search-run.ts';

export const searchAnswers: Readonly<Record<Exclude<Endpoint, 'events' | 'team'>, Answer<SearchAccount>>> = {
  monitors: answerMonitors,
  monitor: answerMonitor,
  runs: answerRuns,
  run: answerRun,
  trigger: answerTrigger,
};

const complaint = 'Invalid request query';

function answerMonitors(account: SearchAccount, request: ApiRequest): string {
  const filter = parseQuery(searchMonitorsQuery, request.query, complaint);
  const { limit, cursor = null, status, name, metadata } = filter;
  const { cursors, monitorCursors = cursors, monitorOrder, lastCursor } = account.quirks;
  const seenMs = seenAtMs(account.clock.now(), request.fault);
  const list = account.monitorList(
    seenMs,
    ({ settings }) =>
      (status === undefined || settings.status === status) &&
      (name === undefined || (settings.name ?? '').toLowerCase().includes(name.toLowerCase())) &&
      metadata.every(({ key, value }) => settings.metadata?.[key] === value),
  );
  const listing = {
    name: `search monitors ${JSON.stringify([status, name, metadata])}`,
    list,
    order: monitorOrder,
    cursors: monitorCursors,
    encodeAt: (index: number) => list.monitorAt(index).encode(seenMs),
  };
  return encodePage(request.pager.page(listing, { ...request, limit, cursor }), lastCursor, request.ordinal);
}

function answerMonitor(account: SearchAccount, { monitorId, fault }: ApiRequest): string {
  const seenMs = seenAtMs(account.clock.now(), fault);
  return findMonitor(account, monitorId, seenMs).encode(seenMs);
}

function answerRuns(account: SearchAccount, request: ApiRequest): string {
  const { monitorId, fault } = request;
  const { limit, cursor = null } = parseQuery(searchRunsQuery, request.query, complaint);
  const { runOrder, cursors, lastCursor, listedOutputs } = account.quirks;
  const seenMs = seenAtMs(account.clock.now(), fault);
  const monitor = findMonitor(account, monitorId, seenMs);
  const { history } = monitor;
  const arranged = arrange(
    { count: monitor.countRuns(seenMs), keyAt: (index) => history.keyAt(index) },
    runOrder,
    (index) => searchUpdatedAtMsOf(history.asOf(index, seenMs), seenMs),
  );
  const listing = {
    name: `search runs ${monitorId}`,
    ...arranged,
    cursors,
    encodeAt: (place: number) => {
      const plan = history.asOf(arranged.indexOf(place), seenMs);
      const listed = listedOutputs === 'whole' ? plan : withoutOutput(plan);
      return isHidden(plan.id, fault) ? null : encodeSearchRun(listed, monitorId, seenMs);
    },
  };
  return encodePage(request.pager.page(listing, { ...request, limit, cursor }), lastCursor, request.ordinal);
}

function answerRun(account: SearchAccount, { monitorId, runId, fault }: ApiRequest): string {
  const seenMs = seenAtMs(account.clock.now(), fault);
  const { history } = findMonitor(account, monitorId, seenMs);
  const index = history.indexOfId(runId);
  if (index === -1 || history.keyAt(index).atMs > seenMs || isHidden(runId, fault)) {
    throw new ApiError(404, 'Not found');
  }
  return encodeSearchRun(history.asOf(index, seenMs), monitorId, seenMs);
}

function answerTrigger(account: SearchAccount, { monitorId }: ApiRequest): string {
  findMonitor(account, monitorId, account.clock.now());
  return JSON.stringify({ triggered: account.triggerRun(monitorId) });
}

/** @throws ApiError 404 */
function findMonitor(account: SearchAccount, monitorId: string, seenMs: number): SearchMonitor {
  const monitor = account.findMonitor(monitorId);
  if (monitor === undefined || monitor.settings.createdAtMs > seenMs) {
    throw new ApiError(404, 'Not found');
  }
  monitor.catchUp(account.clock.now());
  return monitor;
}

/** Null: the cursor is not known. @throws ApiError 400 */
function encodePage(page: Page | null, lastCursor: SearchQuirks['lastCursor'], ordinal: number): string {
  const { rows, hasMore, nextCursor } = page ?? refuseCursor();
  const leavesOut = lastCursor === 'missing' || (lastCursor === 'either' && ordinal % 2 === 0);
  const next = nextCursor === null && leavesOut ? '' : `,"nextCursor":${JSON.stringify(nextCursor)}`;
  return `{"data":[${rows.join(',')}],"hasMore":${hasMore}${next}}`;
}
