import { InterruptedError } from '../sync/errors.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';

/** A person's or a service manager's wish that the command ends. */
export interface Interruption {
  /** Aborts with the first signal: finish what is at hand, then end. */
  readonly signal: AbortSignal;
  /** The exit code of the signal that came; null before one does. */
  exitCode(): ExitCode | null;
}

const watched = [
  ['SIGINT', exitCodes.interrupted],
  ['SIGTERM', exitCodes.terminated],
] as const;

interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/** Turns the first signal into an abort and hands the second one to `exitNow`. */
export function watchSignals(source: SignalSource, exitNow: (code: ExitCode) => void): Interruption {
  const controller = new AbortController();
  let received: ExitCode | null = null;
  for (const [name, code] of watched) {
    source.on(name, () => {
      if (received !== null) {
        exitNow(code);
        return;
      }
      received = code;
      controller.abort(new InterruptedError(`interrupted by ${name}`));
    });
  }
  return { signal: controller.signal, exitCode: () => received };
}
