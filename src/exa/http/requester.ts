import { SkipMonitorError, StopCycleError } from '../../sync/errors.ts';
import type { AnswerCounter } from '../../sync/answer-counter.ts';
import type { Clock, Traffic } from '../../sync/ports.ts';
import type { Redact } from './answer-text.ts';
import { ApiOutageError, FailedAttemptError } from './errors.ts';
import { fetchAnswer } from './fetch-answer.ts';
import type { FetchSettings, HttpAnswer } from './fetch-answer.ts';
import { createHalt } from './halt.ts';
import type { Halt } from './halt.ts';
import { judgeAnswer } from './judge-answer.ts';
import type { Operation } from './operation.ts';
import type { RateBudget } from './rate-budget.ts';
import type { Endpoint, RequestEvent } from './request-event.ts';
import { createRetryBudget } from './retry.ts';
import { backoffMs, longestPauseMs, maxAttempts } from './retry.ts';
import type { Sleep } from './sleep.ts';

export interface RequesterOptions extends FetchSettings {
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** A wish to stop: ends waiting and sends nothing more, but lets a request that is under way finish. */
  readonly signal: AbortSignal;
  readonly rate: RateBudget;
  readonly redact: Redact;
  /** The setting that the key comes from, as messages name it. */
  readonly keyName: string;
  readonly answers: AnswerCounter;
  readonly onEvent: (event: RequestEvent) => void;
}

/** What was read, and the ordinal of the answer within the cycle, by when it was asked for. */
export interface Answered<T> {
  readonly value: T;
  readonly answer: number;
  /** Of the body, decompressed. */
  readonly bytes: number;
}

/** Asks the API until it answers or nothing more can be done: pacing, timeouts, retries, and the end of all asking. */
export class Requester {
  readonly #options: RequesterOptions;
  readonly #halt: Halt;
  readonly #retryBudget = createRetryBudget();
  /** When the first of the pauses was asked for that no other answer has followed yet. */
  #refusedSinceMs: number | null = null;
  #requests = 0;
  #retries = 0;
  #waits = 0;
  #waitedMs = 0;
  #serverTimeMs: number | null = null;

  constructor(options: RequesterOptions) {
    this.#options = options;
    this.#halt = createHalt(options.signal);
  }

  traffic(): Traffic {
    return {
      requests: this.#requests,
      retries: this.#retries,
      waits: this.#waits,
      waitedMs: Math.round(this.#waitedMs),
    };
  }

  /** The date of the last answer that had one; null: none had. */
  serverTimeMs(): number | null {
    return this.#serverTimeMs;
  }

  /** Ends all asking: whoever waits now or asks later gets this error. Returns it, to be thrown. */
  stop(error: StopCycleError): StopCycleError {
    return this.#halt.stop(error);
  }

  /**
   * @throws StopCycleError when nothing more can be asked in this cycle, SkipMonitorError when this question cannot be
   * answered (AnswerRefusedError: with a status that says so), InterruptedError when asked to stop.
   */
  async request<T>(operation: Operation<T>): Promise<Answered<T>> {
    return this.#halt.guard(async () => {
      for (let attempt = 1; ; attempt += 1) {
        await this.#awaitTurn();
        try {
          const answered = await this.#attempt(operation);
          if (attempt === 1) this.#retryBudget.deposit();
          return answered;
        } catch (error) {
          if (error instanceof StopCycleError) throw this.stop(error);
          if (!(error instanceof FailedAttemptError)) throw error;
          await this.#prepareRetry(operation, attempt, error);
        }
      }
    });
  }

  async #awaitTurn(): Promise<void> {
    const wait = await this.#options.rate.take(this.#halt.signal);
    if (wait.ms > 0) {
      this.#waits += 1;
      this.#waitedMs += wait.ms;
      this.#options.onEvent({ type: 'wait', ...wait });
    }
    this.#halt.signal.throwIfAborted();
  }

  async #attempt<T>(operation: Operation<T>): Promise<Answered<T>> {
    const { clock, redact, answers } = this.#options;
    this.#requests += 1;
    const ordinal = answers.next();
    const startedAtMs = clock.now();
    let answer: HttpAnswer | null = null;
    try {
      const { rate } = this.#options;
      const maxResponseBytes = Math.min(operation.maxBytes ?? Infinity, this.#options.maxResponseBytes);
      const settings = { ...this.#options, maxResponseBytes };
      answer = await fetchAnswer(operation.url, settings, () => rate.answered(startedAtMs));
      if (answer.status !== 429 && answer.status !== 403) this.#refusedSinceMs = null;
    } catch (error) {
      if (!(error instanceof FailedAttemptError)) throw error;
      const message = redact(`${operation.label}: ${error.message}`);
      throw new FailedAttemptError(message, error.reason, null, { cause: error.cause });
    } finally {
      this.#tellOfRequest(operation.endpoint, answer, clock.now() - startedAtMs);
    }
    const value = judgeAnswer(operation, answer, this.#options, clock.now());
    return { value, answer: ordinal, bytes: answer.bytes };
  }

  #tellOfRequest(endpoint: Endpoint, answer: HttpAnswer | null, durationMs: number): void {
    const status = answer?.status ?? null;
    const serverDate = answer?.date ?? null;
    const serverTimeMs = serverDate === null ? Number.NaN : Date.parse(serverDate);
    if (!Number.isNaN(serverTimeMs)) this.#serverTimeMs = serverTimeMs;
    this.#options.onEvent({
      type: 'request',
      endpoint,
      statusClass: statusClass(status),
      status,
      durationMs,
      serverDate,
    });
  }

  /** Returns when the next attempt may wait for its turn. @throws what ends the request when there is no next attempt. */
  async #prepareRetry(
    operation: Operation<unknown>,
    attempt: number,
    failure: FailedAttemptError,
  ): Promise<void> {
    const { reason } = failure;
    const pausesAll = reason === 'http_429' || reason === 'http_403';
    const delayMs = failure.retryAfterMs ?? backoffMs(attempt, this.#options.random());
    // One pause right after the other is one pause, whatever the server says each time.
    const pauseMs = pausesAll ? this.#pausedForMs() + delayMs : delayMs;
    if (pauseMs > longestPauseMs) throw this.stop(tooLongPause(failure, pauseMs));
    // Too fast is too fast for everybody who uses the key.
    if (pausesAll) this.#options.rate.pauseFor(delayMs);
    this.#halt.signal.throwIfAborted();
    if (attempt === maxAttempts) {
      throw new SkipMonitorError(`${failure.message}; given up after ${attempt} attempts`, {
        cause: failure,
      });
    }
    if (!this.#retryBudget.withdraw()) throw this.stop(outage(failure));
    this.#retries += 1;
    this.#options.onEvent({ type: 'retry', endpoint: operation.endpoint, reason, delayMs });
    if (!pausesAll) await this.#options.sleep(delayMs, this.#halt.signal);
    this.#halt.signal.throwIfAborted();
  }

  #pausedForMs(): number {
    const nowMs = this.#options.clock.now();
    this.#refusedSinceMs ??= nowMs;
    return nowMs - this.#refusedSinceMs;
  }
}

function statusClass(status: number | null): '2xx' | '3xx' | '4xx' | '5xx' | 'error' {
  if (status === null) return 'error';
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  return status < 500 ? '4xx' : '5xx';
}

function tooLongPause(failure: FailedAttemptError, delayMs: number): ApiOutageError {
  const seconds = Math.ceil(delayMs / 1000);
  return new ApiOutageError(
    `${failure.message}; the API asks to wait ${seconds} s, which is longer than a cycle waits: try again after that`,
    { cause: failure },
  );
}

function outage(failure: FailedAttemptError): ApiOutageError {
  return new ApiOutageError(
    `the API has an outage: too many requests failed in this cycle, the last with: ${failure.message}`,
    { cause: failure },
  );
}
