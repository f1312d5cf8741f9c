import { SkipMonitorError, StopCycleError } from '../../sync/errors.ts';
import type { RetryReason } from './request-event.ts';

/** The API answers this one question with a status that no retry changes (400, 404, other 4xx, a redirect). */
export class AnswerRefusedError extends SkipMonitorError {
  override readonly name = 'AnswerRefusedError';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** The answer is larger than can be read; with fewer rows it may not be. */
export class AnswerTooLargeError extends SkipMonitorError {
  override readonly name = 'AnswerTooLargeError';
}

/** The API refuses the key itself (401, 402, 403): every further request would be refused as well. */
export class ApiRefusedError extends StopCycleError {
  override readonly name = 'ApiRefusedError';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** The API is down, or asks for a longer pause than a cycle waits: the next cycle goes on from the checkpoints. */
export class ApiOutageError extends StopCycleError {
  override readonly name = 'ApiOutageError';
}

/** One attempt failed in a way that another may not. Never leaves this folder but as the `cause` of what gave up. */
export class FailedAttemptError extends Error {
  override readonly name = 'FailedAttemptError';
  readonly reason: RetryReason;
  /** How long the server asks to wait, in milliseconds; null when it does not say. */
  readonly retryAfterMs: number | null;

  constructor(message: string, reason: RetryReason, retryAfterMs: number | null, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}
