import { renderMarkdownTable } from '../config/markdown-table.ts';

/** How a command ended, as the process's exit code. 75 is `EX_TEMPFAIL` of sysexits.h; 129, 130 and 143 are 128 + the signal. */
export const exitCodes = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  partial: 3,
  lockHeld: 75,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const meanings: Readonly<Record<ExitCode, string>> = {
  0: 'succeeded',
  1: 'failed; what was committed before stays',
  2: 'wrong usage or configuration; nothing was done',
  3: 'partial: a monitor could not be read or a run was rejected, everything else is stored',
  75: 'another cycle holds the lock of this warehouse; try again later',
  129: 'ended by SIGHUP, as when a terminal closes; the next cycle goes on where one was stopped',
  130: 'ended by SIGINT; the next cycle goes on where one was stopped',
  143: 'ended by SIGTERM; the next cycle goes on where one was stopped',
};

/** A line for each. */
export function describeExitCodes(): readonly string[] {
  return Object.entries(meanings).map(([code, meaning]) => `${code.padStart(3)}  ${meaning}`);
}

export function describeExitCodesAsMarkdown(): string {
  return renderMarkdownTable(['exit code', 'meaning'], Object.entries(meanings));
}
