import { InterruptedError } from '../../sync/errors.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';

/** A person's or a service manager's wish that the program ends. */
export interface Interruption {
  /** Aborts when the wish comes. */
  readonly signal: AbortSignal;
  /** The exit code of the signal that it came as; null before one has come. */
  readonly interruptedBy: () => ExitCode | null;
}

const watched = [
  ['SIGHUP', exitCodes.hungUp],
  ['SIGINT', exitCodes.interrupted],
  ['SIGTERM', exitCodes.terminated],
] as const;

interface SignalSource {
  on(signal: (typeof watched)[number][0], listener: () => void): unknown;
}

/**
 * A copy of a signal, not a second wish: where `sh` is bash, a Ctrl-C under `npm run` comes from the terminal and, a few
 * milliseconds later, from npm. No person presses twice so fast.
 */
const copyMs = 50;

/** Turns the first signal into an abort and hands the second one to `exitNow`. `now` gives milliseconds. */
export function watchSignals(
  source: SignalSource,
  now: () => number,
  exitNow: (code: ExitCode) => void,
): Interruption {
  const controller = new AbortController();
  let received: ExitCode | null = null;
  let receivedMs = 0;
  for (const [name, code] of watched) {
    source.on(name, () => {
      if (received !== null) {
        if (code !== received || now() - receivedMs > copyMs) exitNow(code);
        return;
      }
      received = code;
      receivedMs = now();
      controller.abort(new InterruptedError(`interrupted by ${name}`));
    });
  }
  return { signal: controller.signal, interruptedBy: () => received };
}
