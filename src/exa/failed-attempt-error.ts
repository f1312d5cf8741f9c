import type { RetryReason } from './request-event.ts';

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
