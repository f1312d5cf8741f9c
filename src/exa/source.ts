import type { AnswerCounter } from '../sync/answer-counter.ts';
import { SkipMonitorError, StopCycleError } from '../sync/errors.ts';
import type { Monitor } from '../sync/model.ts';
import type { Clock, MonitorPage, MonitorSource, RunAnswer, RunPage, Traffic } from '../sync/ports.ts';
import { AnswerRefusedError } from './http/errors.ts';
import { createRedact } from './http/answer-text.ts';
import type { HttpGet } from './http/http-get.ts';
import { pathSegment } from './http/operation.ts';
import { PageFetcher } from './page-fetcher.ts';
import { parsePage, parseRecord } from './records/parse-page.ts';
import { parseWebsetsMonitor } from './records/websets-monitor.ts';
import { parseWebsetsRun } from './records/websets-run.ts';
import type { RateBudget } from './http/rate-budget.ts';
import type { Endpoint, RequestEvent } from './http/request-event.ts';
import { Requester } from './http/requester.ts';
import type { Sleep } from './http/sleep.ts';

/** The most that the API documents. */
const mostRunsOfPage = 200;

const defaultMaxResponseBytes = 64 * 1024 * 1024;

export interface ExaSourceOptions {
  /** Without `/websets/v0`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly get: HttpGet;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** From 0 up to 1; spreads retries. */
  readonly random: () => number;
  /** A wish to stop: ends waiting and sends nothing more, but lets a request that is under way finish. */
  readonly signal: AbortSignal;
  /** The pace; may be shared by sources and cycles. */
  readonly rate: RateBudget;
  /** Endpoints known to refuse `limit`; what this source learns is added. May be shared by sources and cycles. */
  readonly withoutLimit?: Set<Endpoint>;
  /** Rows asked for at a time; the API may send fewer. */
  readonly pageSize?: number;
  /** Shared by all sources of a cycle. */
  readonly answers: AnswerCounter;
  /** For one attempt, body included. */
  readonly timeoutMs: number;
  readonly maxResponseBytes?: number;
  readonly onEvent?: (event: RequestEvent) => void;
}

/** The API of one account during one cycle. */
export interface ExaSource extends MonitorSource {
  /** What this source has asked so far. */
  traffic(): Traffic;
}

/** The API over HTTP. One instance serves one cycle: its answers are numbered and its retries counted from the start. */
export function createExaSource(options: ExaSourceOptions): ExaSource {
  const requester = new Requester({
    ...options,
    headers: createHeaders(options.apiKey),
    redact: createRedact(options.apiKey),
    maxResponseBytes: options.maxResponseBytes ?? defaultMaxResponseBytes,
    onEvent: options.onEvent ?? (() => undefined),
  });
  const { pageSize = mostRunsOfPage, withoutLimit = new Set<Endpoint>() } = options;
  const pages = new PageFetcher(requester, pageSize, withoutLimit);
  const root = `${options.baseUrl.replace(/\/+$/, '')}/websets/v0/monitors`;
  return {
    traits: {
      pageSize,
      showsNewestRun: true,
      promisesNewestFirst: false,
      runsCarryOutput: false,
    },
    traffic: () => requester.traffic(),
    listMonitors: (cursor) => fetchMonitors(requester, pages, root, cursor),
    getMonitor: (monitorId) => fetchMonitor(requester, root, monitorId),
    listRuns: (monitorId, cursor) => fetchRuns(pages, root, monitorId, cursor),
    getRun: (monitorId, runId) => fetchRun(requester, root, monitorId, runId),
  };
}

function createHeaders(apiKey: string): Readonly<Record<string, string>> {
  const headers = { 'x-api-key': apiKey, accept: 'application/json', 'user-agent': 'exa-monitor-sync' };
  try {
    return Object.fromEntries(new Headers(headers));
  } catch {
    // The cause is dropped: it quotes the key.
    throw new StopCycleError('EXA_API_KEY holds characters that an HTTP header cannot carry');
  }
}

async function fetchMonitors(
  requester: Requester,
  pages: PageFetcher,
  root: string,
  cursor: string | null,
): Promise<MonitorPage> {
  const list = { endpoint: 'list_monitors', label: 'list monitors', url: root, read: parsePage } as const;
  try {
    const { data, ...paging } = (await pages.fetchPage(list, cursor)).value;
    const parsed = data.map(parseWebsetsMonitor);
    return {
      ...paging,
      monitors: parsed.flatMap(({ monitor }) => monitor ?? []),
      unreadable: parsed.flatMap(({ unreadable }) => unreadable ?? []),
    };
  } catch (error) {
    // Without the listing there is nothing to go on with.
    if (error instanceof SkipMonitorError) throw requester.stop(listingFailed(error));
    throw error;
  }
}

function listingFailed(error: SkipMonitorError): StopCycleError {
  const refused = error instanceof AnswerRefusedError && (error.status < 400 || error.status === 404);
  const advice = refused ? ': is EXA_BASE_URL right?' : '';
  return new StopCycleError(`${error.message}${advice}`, { cause: error });
}

async function fetchRuns(
  pages: PageFetcher,
  root: string,
  monitorId: string,
  cursor: string | null,
): Promise<RunPage> {
  const label = `list runs of monitor ${monitorId}`;
  const url = `${root}/${pathSegment(monitorId)}/runs`;
  const list = { endpoint: 'list_runs', label, url, read: parsePage } as const;
  const { value, answer } = await pages.fetchPage(list, cursor);
  const parsed = value.data.map((payload) => parseWebsetsRun(payload, monitorId));
  return {
    runs: parsed.flatMap(({ run }) => run ?? []),
    rejected: parsed.flatMap(({ rejected }) => rejected ?? []),
    answer,
    hasMore: value.hasMore,
    nextCursor: value.nextCursor,
  };
}

async function fetchMonitor(requester: Requester, root: string, monitorId: string): Promise<Monitor | null> {
  const label = `get monitor ${monitorId}`;
  const url = `${root}/${pathSegment(monitorId)}`;
  const read = (json: unknown) => parseWebsetsMonitor(parseRecord(json, monitorId));
  const { value } = await requester.request({ endpoint: 'get_monitor', label, url, read, notFound: null });
  if (value === null) return null;
  if (value.unreadable !== null) throw new SkipMonitorError(`${label}: ${value.unreadable.reason}`);
  return value.monitor;
}

async function fetchRun(
  requester: Requester,
  root: string,
  monitorId: string,
  runId: string,
): Promise<RunAnswer> {
  const label = `get run ${runId} of monitor ${monitorId}`;
  const url = `${root}/${pathSegment(monitorId)}/runs/${pathSegment(runId)}`;
  const read = (json: unknown) => parseWebsetsRun(parseRecord(json, runId), monitorId);
  const { value, answer } = await requester.request({
    endpoint: 'get_run',
    label,
    url,
    read,
    notFound: null,
  });
  return { run: value?.run ?? null, rejected: value?.rejected ?? null, answer };
}
