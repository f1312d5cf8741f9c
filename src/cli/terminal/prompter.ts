import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { InterruptedError } from '../../sync/errors.ts';
import type { ProcessSurroundings } from '../process-surroundings.ts';

/** Asks a person on a terminal. */
export interface Prompter {
  /** @returns the answer without white space around it. @throws InterruptedError on Ctrl-C and Ctrl-D. */
  ask(question: string): Promise<string>;
  /** The same for a secret: what is typed is not shown. */
  askSecretly(question: string): Promise<string>;
  close(): void;
}

/** The terminal shows nothing by itself until `close`: what is typed too early would stand on the screen, secret or not. */
export function createPrompter({
  stdin,
  stderr,
  signal,
  pid,
}: Pick<ProcessSurroundings, 'stdin' | 'stderr' | 'signal' | 'pid'>): Prompter {
  let isShown = false;
  const output = new Writable({
    write: (text: Buffer, _encoding, done) => {
      if (isShown) stderr.write(text);
      done();
    },
  });
  const lines = createInterface({ input: stdin, output, terminal: true, historySize: 0 });
  const ended = new AbortController();
  lines.once('close', () => ended.abort(new InterruptedError('the terminal was closed')));
  // The terminal sends a key, no signal, as long as nothing is shown by itself.
  lines.on('SIGINT', () => process.kill(pid, 'SIGINT'));
  const stop = AbortSignal.any([signal, ended.signal]);
  const ask = async (question: string, shown: boolean): Promise<string> => {
    stop.throwIfAborted();
    stderr.write(question);
    isShown = shown;
    try {
      return (await lines.question('', { signal: stop })).trim();
    } catch (error) {
      stop.throwIfAborted();
      throw error;
    } finally {
      isShown = false;
      if (!shown || stop.aborted) stderr.write('\n');
    }
  };
  return {
    ask: (question) => ask(question, true),
    askSecretly: (question) => ask(question, false),
    close: () => lines.close(),
  };
}
