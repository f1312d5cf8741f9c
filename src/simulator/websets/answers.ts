import { ApiError } from '../answers/api-error.ts';
import { isHidden, refuseCursor, seenAtMs } from '../answers/api-request.ts';
import type { Answer, ApiRequest } from '../answers/api-request.ts';
import type { Endpoint } from '../answers/faults.ts';
import { arrange } from '../answers/list-order.ts';
import type { Page } from '../answers/paging.ts';
import { parseQuery } from '../answers/query.ts';
import { encodeRun } from './encode.ts';
import { planEventsPage } from './events.ts';
import { eventsQuery, monitorsQuery, runsQuery } from './query.ts';
import { updatedAtMsOf } from './run-lifecycle.ts';
import type { SimulatedMonitor } from './simulated-monitor.ts';
import type { WebsetsAccount } from './websets-account.ts';

export const websetsAnswers: Readonly<Record<Exclude<Endpoint, 'trigger'>, Answer<WebsetsAccount>>> = {
  monitors: answerMonitors,
  monitor: answerMonitor,
  runs: answerRuns,
  run: answerRun,
  events: answerEvents,
  team: answerTeam,
};

const complaint = 'Validation error';

function answerMonitors(account: WebsetsAccount, request: ApiRequest): string {
  const { limit, cursor = null, websetId } = parseQuery(monitorsQuery, request.query, complaint);
  const { lastRun, cursors, monitorCursors = cursors } = account.quirks;
  const seenMs = seenAtMs(account.clock.now(), request.fault);
  const list = account.monitorList(
    seenMs,
    websetId === undefined ? undefined : ({ settings }) => settings.websetId === websetId,
  );
  const listing = {
    name: `monitors ${websetId ?? ''}`,
    list,
    order: 'descending',
    cursors: monitorCursors,
    encodeAt: (index: number) => list.monitorAt(index).encode(seenMs, lastRun),
  } as const;
  return encodePage(request.pager.page(listing, { ...request, limit, cursor }));
}

function answerMonitor(account: WebsetsAccount, { monitorId, fault }: ApiRequest): string {
  const seenMs = seenAtMs(account.clock.now(), fault);
  return findMonitor(account, monitorId, seenMs).encode(seenMs, account.quirks.lastRun);
}

function answerRuns(account: WebsetsAccount, request: ApiRequest): string {
  const { monitorId, fault } = request;
  const { limit, cursor = null } = parseQuery(runsQuery, request.query, complaint);
  const { runOrder, cursors } = account.quirks;
  const seenMs = seenAtMs(account.clock.now(), fault);
  const monitor = findMonitor(account, monitorId, seenMs);
  const { history } = monitor;
  const arranged = arrange(
    { count: monitor.countRuns(seenMs), keyAt: (index) => history.keyAt(index) },
    runOrder,
    (index) => updatedAtMsOf(history.asOf(index, seenMs), seenMs),
  );
  const listing = {
    name: `runs ${monitorId}`,
    ...arranged,
    cursors,
    encodeAt: (place: number) => {
      const plan = history.asOf(arranged.indexOf(place), seenMs);
      return isHidden(plan.id, fault) ? null : encodeRun(plan, monitorId, seenMs);
    },
  };
  return encodePage(request.pager.page(listing, { ...request, limit, cursor }));
}

function answerRun(account: WebsetsAccount, { monitorId, runId, fault }: ApiRequest): string {
  const seenMs = seenAtMs(account.clock.now(), fault);
  const { history } = findMonitor(account, monitorId, seenMs);
  const index = history.indexOfId(runId);
  if (index === -1 || history.keyAt(index).atMs > seenMs || isHidden(runId, fault)) {
    throw new ApiError(404, `Monitor run ${runId} not found`);
  }
  return encodeRun(history.asOf(index, seenMs), monitorId, seenMs);
}

function answerEvents(account: WebsetsAccount, { query }: ApiRequest): string {
  const parsed = parseQuery(eventsQuery, query, complaint);
  const page = planEventsPage(account, {
    limit: parsed.limit,
    cursor: parsed.cursor ?? null,
    types: parsed.types ?? null,
    createdAfterMs: parsed.createdAfter ?? null,
    createdBeforeMs: parsed.createdBefore ?? null,
  });
  return encodePage(page && { ...page, rows: page.events.map((event) => JSON.stringify(event)) });
}

function answerTeam({ team }: WebsetsAccount): string {
  if (team === null) {
    throw new ApiError(404, 'Cannot GET /websets/v0/teams/me');
  }
  return JSON.stringify({
    object: 'team',
    ...team,
    concurrency: { active: 0, queued: 0 },
    limits: { maxConcurrent: 10, maxQueued: 50 },
  });
}

/** @throws ApiError 404 */
function findMonitor(account: WebsetsAccount, monitorId: string, seenMs: number): SimulatedMonitor {
  const monitor = account.findMonitor(monitorId);
  if (monitor === undefined || monitor.settings.createdAtMs > seenMs) {
    throw new ApiError(404, `Monitor ${monitorId} not found`);
  }
  monitor.catchUp(account.clock.now());
  return monitor;
}

/** Null: the cursor is not known. @throws ApiError 400 */
function encodePage(page: Page | null): string {
  const { rows, hasMore, nextCursor } = page ?? refuseCursor();
  return `{"data":[${rows.join(',')}],"hasMore":${hasMore},"nextCursor":${JSON.stringify(nextCursor)}}`;
}
