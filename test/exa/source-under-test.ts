import { createHttpGet } from '../../src/exa/http/http-get.ts';
import { RateBudget } from '../../src/exa/http/rate-budget.ts';
import type { RequestEvent } from '../../src/exa/http/request-event.ts';
import { createAnswerCounter } from '../../src/sync/answer-counter.ts';
import { createExaSource } from '../../src/exa/source.ts';
import type { ExaSource, ExaSourceOptions } from '../../src/exa/source.ts';
import type { ScriptedServer } from './scripted-server.ts';
import { VirtualTime } from './virtual-time.ts';

export const apiKey = 'sk-secret/key+0123456789';

export interface SourceUnderTest {
  readonly source: ExaSource;
  readonly time: VirtualTime;
  readonly events: RequestEvent[];
}

/** The real source against a real server; only time and chance are the test's. Without a rate limit unless told. */
export function createSource(
  server: Pick<ScriptedServer, 'baseUrl'>,
  options: Partial<ExaSourceOptions> & { requestsPerSecond?: number } = {},
): SourceUnderTest {
  const time = new VirtualTime();
  const events: RequestEvent[] = [];
  const { requestsPerSecond = 0, answers = createAnswerCounter(), ...others } = options;
  const source = createExaSource({
    baseUrl: server.baseUrl,
    apiKey,
    get: createHttpGet(),
    clock: time,
    sleep: time.sleep,
    random: () => 0.5,
    signal: new AbortController().signal,
    rate: new RateBudget({ requestsPerSecond, clock: time, sleep: time.sleep }),
    timeoutMs: 10_000,
    answers,
    onEvent: (event) => events.push(event),
    ...others,
  });
  return { source, time, events };
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
