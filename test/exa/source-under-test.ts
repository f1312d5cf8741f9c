import { createDispatcher } from '../../src/exa/http/dispatcher.ts';
import { createHttpGet } from '../../src/exa/http/http-get.ts';
import { RateBudget } from '../../src/exa/http/rate-budget.ts';
import type { RequestEvent } from '../../src/exa/http/request-event.ts';
import { createAnswerCounter } from '../../src/sync/answer-counter.ts';
import type { OutputWish } from '../../src/exa/records/run-output.ts';
import { createSearchSource, createWebsetsSource } from '../../src/exa/source.ts';
import type { ExaSource, ExaSourceOptions } from '../../src/exa/source.ts';
import type { ScriptedServer } from './scripted-server.ts';
import { VirtualTime } from './virtual-time.ts';

export const apiKey = 'sk-secret/key+0123456789';

export interface SourceUnderTest {
  readonly source: ExaSource;
  readonly time: VirtualTime;
  readonly events: RequestEvent[];
}

type TestOptions = Partial<ExaSourceOptions> & { readonly requestsPerSecond?: number };

/** For the real source against a real server; only time and chance are the test's. Without a rate limit unless told. */
export function sourceOptions(
  server: Pick<ScriptedServer, 'baseUrl'>,
  { requestsPerSecond = 0, ...others }: TestOptions = {},
): { readonly options: ExaSourceOptions; readonly time: VirtualTime; readonly events: RequestEvent[] } {
  const time = new VirtualTime();
  const events: RequestEvent[] = [];
  const options: ExaSourceOptions = {
    baseUrl: server.baseUrl,
    apiKey,
    get: createHttpGet(createDispatcher({})),
    clock: time,
    sleep: time.sleep,
    random: () => 0.5,
    signal: new AbortController().signal,
    rate: new RateBudget({ requestsPerSecond, clock: time, sleep: time.sleep }),
    answers: createAnswerCounter(),
    timeoutMs: 10_000,
    onEvent: (event) => events.push(event),
    ...others,
  };
  return { options, time, events };
}

export function createSource(
  server: Pick<ScriptedServer, 'baseUrl'>,
  wishes: TestOptions = {},
): SourceUnderTest {
  const { options, ...others } = sourceOptions(server, wishes);
  return { source: createWebsetsSource(options), ...others };
}

export function createSearch(
  server: Pick<ScriptedServer, 'baseUrl'>,
  { outputs = 'summary', ...wishes }: TestOptions & { readonly outputs?: OutputWish } = {},
): SourceUnderTest {
  const { options, ...others } = sourceOptions(server, wishes);
  return { source: createSearchSource({ ...options, outputs }), ...others };
}

/** What a promise rejects with. */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('it was expected to fail');
}
