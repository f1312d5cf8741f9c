/** Errors sorted by what the engine does next. Sources and stores throw these; anything else ends the cycle as failed. */

/** No further request of this cycle can succeed (refused key, no credits, outage, lost lock): stop at once, keep what is committed. */
export class StopCycleError extends Error {
  override readonly name: string = 'StopCycleError';
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

  constructor(holder: LockHolder | null) {
    super(
      holder === null
        ? 'another cycle holds the lock of this warehouse (it has not said who it is yet)'
        : `another cycle holds the lock of this warehouse: process ${holder.pid} on ${holder.host}, since ${holder.startedAt}`,
    );
    this.holder = holder;
  }
}

/** Who runs the cycle that holds the lock. `startedAt` is RFC 3339. */
export interface LockHolder {
  readonly cycleId: number;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: string;
}
