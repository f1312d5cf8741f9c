/** Errors sorted by what the engine does next. Sources and stores throw these; anything else ends the cycle as failed. */

/**
 * Nothing further can succeed. Thrown by a source (refused key, no credits, outage), it stops that source; thrown by the
 * store (lost lock), it stops the cycle. What is committed is kept.
 */
export class StopCycleError extends Error {
  override readonly name: string = 'StopCycleError';
}

/** The account may not use this API (it is not in its plan). A failure only where the source could be read before. */
export class SourceUnavailableError extends StopCycleError {
  override readonly name = 'SourceUnavailableError';
}

/** This monitor cannot be read now (gone, or its answers break the protocol): record it, go on with the others. */
export class SkipMonitorError extends Error {
  override readonly name: string = 'SkipMonitorError';
}

/** The API refuses a cursor that it handed out (400, 404, 410 or 422): the walk starts again from the top, once. */
export class CursorRefusedError extends SkipMonitorError {
  override readonly name = 'CursorRefusedError';
}

/** A person or a service manager asked the cycle to end: nothing is wrong, the next cycle goes on from the checkpoints. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** Another cycle holds the lock of this warehouse. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';
  readonly holder: LockHolder | null;

  constructor(holder: LockHolder | null, options?: ErrorOptions) {
    super(`another cycle holds the lock of this warehouse${describeHolder(holder)}`, options);
    this.holder = holder;
  }
}

/** Who holds the lock. `startedAt` is RFC 3339. */
export type LockHolder =
  | {
      readonly type: 'cycle';
      readonly cycleId: number;
      readonly host: string;
      readonly pid: number;
      readonly startedAt: string;
    }
  /** Of the database; `pid` is the server's. */
  | { readonly type: 'session'; readonly pid: number; readonly user: string; readonly application: string };

function describeHolder(holder: LockHolder | null): string {
  if (holder === null) return ' (it has not said who it is yet)';
  if (holder.type === 'cycle') return `: process ${holder.pid} on ${holder.host}, since ${holder.startedAt}`;
  const { pid, user, application } = holder;
  return `: session ${pid} of the database, user ${user}, application ${application}`;
}

/** Whatever was thrown, as an error with a message. Node's error for a host without a reachable address has none. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof AggregateError && thrown.message === '') {
    return new Error(thrown.errors.map((error) => toError(error).message).join('; '), { cause: thrown });
  }
  return thrown instanceof Error
    ? thrown
    : new Error('something that is not an error was thrown', { cause: thrown });
}
