import type { AnswerCounter } from '../sync/answer-counter.ts';
import { SkipMonitorError, StopCycleError } from '../sync/errors.ts';
import type { Monitor } from '../sync/model.ts';
import type { Clock, MonitorPage, MonitorSource, RunAnswer, RunPage, Traffic } from '../sync/ports.ts';
import { createRedact } from './http/answer-text.ts';
import { AnswerRefusedError } from './http/errors.ts';
import type { HttpGet } from './http/http-get.ts';
import { pathSegment } from './http/operation.ts';
import type { RateBudget } from './http/rate-budget.ts';
import type { RequestEvent } from './http/request-event.ts';
import { Requester } from './http/requester.ts';
import type { Sleep } from './http/sleep.ts';
import { ListLimits } from './list-limits.ts';
import { createSearchApi, websetsApi, type MonitorApi } from './monitor-api.ts';
import { PageFetcher } from './page-fetcher.ts';
import { parseRecord } from './records/parse-page.ts';
import type { OutputWish } from './records/run-output.ts';

/** A page of large runs is asked for in parts, and a single run of a hundred long results stays well below. */
const defaultMaxResponseBytes = 16 * 1024 * 1024;

export interface ExaSourceOptions {
  /** The root of all APIs. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** The setting that the key comes from, as messages name it. */
  readonly keyName?: string;
  readonly get: HttpGet;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** From 0 up to 1; spreads retries. */
  readonly random: () => number;
  /** A wish to stop: ends waiting and sends nothing more, but lets a request that is under way finish. */
  readonly signal: AbortSignal;
  /** The pace of the account; shared by its sources and by cycles. */
  readonly rate: RateBudget;
  /** What answers have taught about lists; may be shared by sources and cycles. */
  readonly limits?: ListLimits;
  /** Rows asked for at a time, if the API allows as many; not set: as many as it allows. It may send fewer. */
  readonly pageSize?: number;
  /** Shared by all sources of a cycle. */
  readonly answers: AnswerCounter;
  /** For one attempt, body included. */
  readonly timeoutMs: number;
  readonly maxResponseBytes?: number;
  readonly onEvent?: (event: RequestEvent) => void;
}

/** One API of one account during one cycle. */
export interface ExaSource extends MonitorSource {
  /** What this source has asked so far. */
  traffic(): Traffic;
}

/** The monitors of websets. One instance serves one cycle: its retries are counted from the start. */
export function createWebsetsSource(options: ExaSourceOptions): ExaSource {
  return createSource(websetsApi, options);
}

/** Search Monitors, with as much of what their runs found as is wished. One instance serves one cycle. */
export function createSearchSource(options: ExaSourceOptions & { readonly outputs: OutputWish }): ExaSource {
  return createSource(createSearchApi(options.outputs), options);
}

function createSource(api: MonitorApi, options: ExaSourceOptions): ExaSource {
  const requester = createRequester(options);
  const pageSize = Math.min(options.pageSize ?? api.traits.pageSize, api.traits.pageSize);
  const limits = options.limits ?? new ListLimits();
  const pages = new PageFetcher({ requester, api: api.name, pageSize, limits });
  const source = { api, requester, pages, root: `${options.baseUrl.replace(/\/+$/, '')}${api.path}` };
  return {
    traits: { ...api.traits, pageSize },
    serverTimeMs: () => requester.serverTimeMs(),
    traffic: () => requester.traffic(),
    listMonitors: (cursor) => fetchMonitors(source, cursor),
    getMonitor: (monitorId) => fetchMonitor(source, monitorId),
    listRuns: (monitorId, cursor) => fetchRuns(source, monitorId, cursor),
    getRun: (monitorId, runId) => fetchRun(source, monitorId, runId),
  };
}

/** What the questions to one API share. */
interface OpenSource {
  readonly api: MonitorApi;
  readonly requester: Requester;
  readonly pages: PageFetcher;
  /** The address of the list of monitors. */
  readonly root: string;
}

/** How an account asks. @throws StopCycleError for a key that no header can carry. */
export function createRequester(options: ExaSourceOptions): Requester {
  const keyName = options.keyName ?? 'EXA_API_KEY';
  return new Requester({
    ...options,
    keyName,
    headers: createHeaders(options.apiKey, keyName),
    redact: createRedact(options.apiKey),
    maxResponseBytes: options.maxResponseBytes ?? defaultMaxResponseBytes,
    onEvent: options.onEvent ?? (() => undefined),
  });
}

function createHeaders(apiKey: string, keyName: string): Readonly<Record<string, string>> {
  const headers = { 'x-api-key': apiKey, accept: 'application/json', 'user-agent': 'exa-monitor-sync' };
  try {
    return Object.fromEntries(new Headers(headers));
  } catch {
    // The cause is dropped: it quotes the key.
    throw new StopCycleError(`${keyName} holds characters that an HTTP header cannot carry`);
  }
}

async function fetchMonitors(
  { api, requester, pages, root }: OpenSource,
  cursor: string | null,
): Promise<MonitorPage> {
  const list = { endpoint: 'list_monitors', label: 'list monitors', url: root } as const;
  try {
    const { data, ...paging } = (await pages.fetchPage(list, cursor)).value;
    const parsed = data.map(api.parseMonitor);
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
  { api, pages, root }: OpenSource,
  monitorId: string,
  cursor: string | null,
): Promise<RunPage> {
  const label = `list runs of monitor ${monitorId}`;
  const url = `${root}/${pathSegment(monitorId)}/runs`;
  const list = { endpoint: 'list_runs', label, url } as const;
  const { value, answer } = await pages.fetchPage(list, cursor);
  const parsed = value.data.map((payload) => api.parseRun(payload, monitorId));
  return {
    runs: parsed.flatMap(({ run }) => run ?? []),
    rejected: parsed.flatMap(({ rejected }) => rejected ?? []),
    answer,
    hasMore: value.hasMore,
    nextCursor: value.nextCursor,
  };
}

async function fetchMonitor(
  { api, requester, root }: OpenSource,
  monitorId: string,
): Promise<Monitor | null> {
  const label = `get monitor ${monitorId}`;
  const url = `${root}/${pathSegment(monitorId)}`;
  const read = (json: unknown) => api.parseMonitor(parseRecord(json, monitorId));
  const { value } = await requester.request({ endpoint: 'get_monitor', label, url, read, notFound: null });
  if (value === null) return null;
  if (value.unreadable !== null) throw new SkipMonitorError(`${label}: ${value.unreadable.reason}`);
  return value.monitor;
}

async function fetchRun(
  { api, requester, root }: OpenSource,
  monitorId: string,
  runId: string,
): Promise<RunAnswer> {
  const label = `get run ${runId} of monitor ${monitorId}`;
  const url = `${root}/${pathSegment(monitorId)}/runs/${pathSegment(runId)}`;
  const read = (json: unknown) => api.parseRun(parseRecord(json, runId), monitorId);
  const { value, answer } = await requester.request({
    endpoint: 'get_run',
    label,
    url,
    read,
    notFound: null,
  });
  return { run: value?.run ?? null, rejected: value?.rejected ?? null, answer };
}
