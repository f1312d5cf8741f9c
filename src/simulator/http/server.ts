import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SimulatedAccount } from '../account/account.ts';
import { ApiError } from '../answers/api-error.ts';
import { isContentFault } from '../answers/faults.ts';
import type { FaultHook } from '../answers/faults.ts';
import { Pager } from '../answers/paging.ts';
import { systemClock } from '../state/clock.ts';
import type { Clock } from '../state/clock.ts';
import { createRandom, randomLetters } from '../state/random.ts';
import type { Random } from '../state/random.ts';
import { sendBroken } from './broken-answers.ts';
import { createGate } from './gate.ts';
import type { Gate, GateOptions } from './gate.ts';
import type { RateLimitOptions } from './rate-limit.ts';
import { RequestLog } from './request-log.ts';
import type { OpenRequest } from './request-log.ts';
import { apiOf, createRefusal, encodeError, routes } from './routes.ts';
import type { Route } from './routes.ts';

export interface SimulatorOptions extends GateOptions {
  readonly account: SimulatedAccount;
  /** Default 0: any free port. */
  readonly port?: number;
  /** By which the rate limit and the request log tell the time. Default: the system's, even if the account's is not. */
  readonly wallClock?: Clock;
  /** `account`: the `Date` header follows the account's clock. Default: the system's. */
  readonly dateHeader?: 'account' | 'system';
  /** Whether answers carry `X-Request-Id`, as documented; recorded ones did not. Default true. */
  readonly requestIdHeader?: boolean;
  /** Keep every request in the log, not only counts. */
  readonly recordRequests?: boolean;
  readonly faults?: FaultHook;
}

export interface Simulator {
  /** Without a path: what a client takes as the API's base, `https://api.exa.ai` in real life. */
  readonly url: string;
  readonly requests: RequestLog;
  /** Null: none. */
  setFaults(faults: FaultHook | null): void;
  setLatencyMs(latencyMs: number): void;
  /** Begins with an empty window. */
  setRateLimit(rateLimit: RateLimitOptions): void;
  /** Ends every connection at once, also those that wait for an answer. */
  close(): Promise<void>;
}

/** Serves an account over HTTP, on loopback, like Exa's Websets API and its Search Monitors API. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { account, wallClock = systemClock, requestIdHeader = true } = options;
  const log = new RequestLog(options.recordRequests ?? false);
  const gate = createGate(options, wallClock);
  const conduct = { faults: options.faults ?? null };
  const server = createServer(account.clock, requestIdHeader);
  const openRequests = new WeakMap<FastifyRequest, OpenRequest>();
  const pager = new Pager();
  const followsAccount = options.dateHeader === 'account';

  server.addHook('onRequest', async (request, reply) => {
    openRequests.set(request, logRequest(log, request, reply, wallClock.now()));
    if (requestIdHeader) {
      reply.header('x-request-id', request.id);
    }
    if (followsAccount) {
      reply.header('date', new Date(account.clock.now()).toUTCString());
    }
    await gate.admit(request.headers);
  });
  // Before the answer leaves: a client that has it may look at the log at once.
  server.addHook('onSend', (request, reply, payload, done) => {
    const entry = openRequests.get(request);
    if (entry !== undefined) {
      log.answer(entry, reply.statusCode);
    }
    done(null, payload);
  });
  for (const route of routes) {
    server.route({
      method: route.method,
      url: route.path,
      handler: (request, reply) => {
        const entry = openRequests.get(request);
        return entry === undefined
          ? reply.callNotFound()
          : sendAnswer(request, reply, { account, route, entry, pager, faults: conduct.faults });
      },
    });
  }
  await server.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  return describeSimulator(server, log, gate, conduct);
}

function describeSimulator(
  server: FastifyInstance,
  requests: RequestLog,
  gate: Gate,
  conduct: { faults: FaultHook | null },
): Simulator {
  const address = server.server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('the simulator does not listen on a port');
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    setFaults(faults) {
      conduct.faults = faults;
    },
    setLatencyMs: (latencyMs) => gate.setLatencyMs(latencyMs),
    setRateLimit: (rateLimit) => gate.setRateLimit(rateLimit),
    close: () => server.close(),
  };
}

function createServer(clock: Clock, requestIdHeader: boolean): FastifyInstance {
  const random = createRandom(1);
  const sendError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const apiError = error instanceof ApiError ? error : new ApiError(statusOf(error), String(error));
    if (apiError.retryAfter !== null) {
      reply.header('retry-after', apiError.retryAfter);
    }
    const context = { path: pathOf(request), requestId: request.id, nowMs: clock.now() };
    return reply
      .code(apiError.status)
      .type('application/json; charset=utf-8')
      .send(encodeError(apiError, context));
  };
  const server = fastify({
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    genReqId: ({ url = '' }) => createRequestId(url, random),
    // Ids of hostile tests are longer than the router's 100 characters once they are percent-encoded.
    routerOptions: { maxParamLength: 10_000 },
    frameworkErrors: (error, request, reply) => {
      if (requestIdHeader) {
        reply.header('x-request-id', request.id);
      }
      void sendError(error, request, reply);
    },
  });
  // The official client announces JSON and sends nothing; no request that is served has a body that matters.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null));
  server.setErrorHandler(sendError);
  server.setNotFoundHandler((request) => {
    throw new ApiError(404, `Cannot ${request.method} ${pathOf(request)}`);
  });
  return server;
}

/** The two APIs write theirs differently. */
function createRequestId(path: string, random: Random): string {
  return apiOf(path) === 'websets'
    ? `req_${randomLetters(random)}`
    : Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
}

interface AnswerContext {
  readonly account: SimulatedAccount;
  readonly route: Route;
  readonly entry: OpenRequest;
  readonly pager: Pager;
  readonly faults: FaultHook | null;
}

function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { account, route, entry, pager, faults }: AnswerContext,
): unknown {
  const fault = faults?.({ ...entry, endpoint: route.endpoint }) ?? null;
  entry.fault = fault?.kind ?? null;
  const contentFault = fault !== null && isContentFault(fault) ? fault : null;
  const soundBody = () =>
    route.answer(account, {
      monitorId: entry.monitorId ?? '',
      runId: entry.runId ?? '',
      query: request.query,
      ordinal: entry.ordinal,
      fault: contentFault,
      pager,
    });
  if (fault === null || isContentFault(fault)) {
    return reply.type('application/json; charset=utf-8').send(soundBody());
  }
  return sendBroken(reply, fault, {
    hasCursor: entry.cursor !== null,
    hasLimit: entry.limit !== null,
    nowMs: account.clock.now(),
    soundBody,
    createRefusal: (because) => createRefusal(route.api, because),
  });
}

function logRequest(
  log: RequestLog,
  request: FastifyRequest,
  reply: FastifyReply,
  atMs: number,
): OpenRequest {
  const limit = readText(request.query, 'limit');
  const { url, method } = request.routeOptions;
  const route = routes.find((candidate) => candidate.path === url && candidate.method === method);
  const entry = log.arrive({
    api: apiOf(pathOf(request)),
    endpoint: route?.endpoint ?? 'other',
    monitorId: readText(request.params, 'monitorId'),
    runId: readText(request.params, 'runId'),
    cursor: readText(request.query, 'cursor'),
    limit: limit === null ? null : Number(limit),
    atMs,
  });
  reply.raw.once('close', () => log.answer(entry, reply.raw.headersSent ? reply.raw.statusCode : null));
  return entry;
}

function readText(from: unknown, name: string): string | null {
  const value = typeof from === 'object' && from !== null ? Object.entries(from) : [];
  const found: unknown = value.find(([key]) => key === name)?.[1];
  return typeof found === 'string' ? found : null;
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? request.url;
}

/** Errors of the framework, a URL that cannot be decoded among them, say which status they mean. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500;
  return typeof status === 'number' ? status : 500;
}
