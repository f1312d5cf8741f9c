import type { SimulatedAccount } from '../account/account.ts';
import type { ApiError, ErrorContext } from '../answers/api-error.ts';
import type { Answer } from '../answers/api-request.ts';
import type { Api, Endpoint, Refusal } from '../answers/faults.ts';
import { searchAnswers } from '../search/answers.ts';
import { createSearchRefusal, encodeSearchError } from '../search/errors.ts';
import { websetsAnswers } from '../websets/answers.ts';
import { createWebsetsRefusal, encodeWebsetsError } from '../websets/errors.ts';

/** One kind of request that the server knows. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly api: Api;
  readonly endpoint: Endpoint;
  readonly answer: Answer<SimulatedAccount>;
}

const websetsRoutes = [
  ['/monitors', 'monitors'],
  ['/monitors/:monitorId', 'monitor'],
  ['/monitors/:monitorId/runs', 'runs'],
  ['/monitors/:monitorId/runs/:runId', 'run'],
  ['/events', 'events'],
  ['/teams/me', 'team'],
] as const;

const searchRoutes = [
  ['GET', '/monitors', 'monitors'],
  ['GET', '/monitors/:monitorId', 'monitor'],
  ['GET', '/monitors/:monitorId/runs', 'runs'],
  ['GET', '/monitors/:monitorId/runs/:runId', 'run'],
  ['POST', '/monitors/:monitorId/trigger', 'trigger'],
] as const;

export const routes: readonly Route[] = [
  ...websetsRoutes.map(([path, endpoint]): Route => ({
    method: 'GET',
    path: `/websets/v0${path}`,
    api: 'websets',
    endpoint,
    answer: websetsAnswers[endpoint],
  })),
  ...searchRoutes.map(([method, path, endpoint]): Route => ({
    method,
    path,
    api: 'search',
    endpoint,
    answer: ({ search }, request) => searchAnswers[endpoint](search, request),
  })),
];

/** What belongs to neither is the newer API's: it owns everything below the host. */
export function apiOf(path: string): Api {
  return path.startsWith('/websets/') ? 'websets' : 'search';
}

export function encodeError(error: ApiError, context: ErrorContext): string {
  const { requestId } = context;
  if (error.isBare) {
    return JSON.stringify({ requestId, error: error.message });
  }
  return apiOf(context.path) === 'websets'
    ? encodeWebsetsError(error, context)
    : encodeSearchError(error, requestId);
}

export function createRefusal(api: Api, because: Refusal): ApiError {
  return api === 'websets' ? createWebsetsRefusal(because) : createSearchRefusal(because);
}
