/** The built program on a pseudo-terminal, and the screen that a person would look at afterwards. */
import { spawn } from '@lydell/node-pty';
import { onTestFinished } from 'vitest';
import { entry, makeDirectory } from './command-line.ts';

export interface TerminalRun {
  readonly exitCode: number;
  /** Everything that was written, control sequences included. */
  readonly written: string;
}

export interface Sitting {
  readonly columns?: number;
  /** Ctrl-C is pressed once, as soon as this has been written. */
  readonly interruptAt?: RegExp;
  /** What is typed, each as soon as this has been written since what was typed before. */
  readonly typing?: readonly (readonly [RegExp, string])[];
  /** Default: a new one. */
  readonly directory?: string;
}

export async function runOnTerminal(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  { columns = 100, interruptAt, typing = [], directory }: Sitting = {},
): Promise<TerminalRun> {
  const terminal = spawn(process.execPath, [entry, ...argv], {
    cols: columns,
    rows: 30,
    cwd: directory ?? (await makeDirectory()),
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', ...environment },
  });
  let running = true;
  onTestFinished(() => {
    if (running) terminal.kill('SIGKILL');
  });
  let written = '';
  let interrupted = interruptAt === undefined;
  const left = [...typing];
  let read = 0;
  terminal.onData((text) => {
    written += text;
    const [next] = left;
    if (next?.[0].test(written.slice(read)) === true) {
      read = written.length;
      left.shift();
      terminal.write(next[1]);
    }
    if (interrupted || interruptAt?.test(written) !== true) return;
    interrupted = true;
    terminal.write('\u0003');
  });
  return new Promise((resolve) => {
    terminal.onExit(({ exitCode }) => {
      running = false;
      resolve({ exitCode, written });
    });
  });
}

const token = new RegExp(String.raw`\x1B\[([?\d;]*)([A-Za-z])|[\s\S]`, 'g');

/** The lines that stay on the screen, as far as this program moves the cursor: up, to a column, erasing downwards. */
export function linesOnScreen(written: string): readonly string[] {
  const screen: string[][] = [[]];
  let row = 0;
  let column = 0;
  for (const [text, parameters = '', command] of written.matchAll(token)) {
    const amount = Number(parameters) || 1;
    if (command === 'A') row = Math.max(0, row - amount);
    else if (command === 'G') column = amount - 1;
    else if (command === 'K') screen[row] = [];
    else if (command === 'J') screen.splice(row, Infinity, (screen[row] ?? []).slice(0, column));
    else if (text === '\r') column = 0;
    else if (text === '\n') {
      row += 1;
      screen[row] ??= [];
    } else if (command === undefined) {
      const line = (screen[row] ??= []);
      line[column] = text;
      column += 1;
    }
  }
  return screen.map((line) => line.join('').trimEnd());
}
