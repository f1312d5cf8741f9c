import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Clock } from '../../../src/simulator/state/clock.ts';

const script = fileURLToPath(new URL('soaked-service.mjs', import.meta.url));

const measurement = z.object({
  heapBytes: z.number(),
  /** Of the heap. */
  codeBytes: z.number(),
});
const reply = z.object({ id: z.number(), error: z.string().nullable(), answer: z.unknown() });

export type Measurement = z.output<typeof measurement>;

/** The service in a process of its own, told what time it is with each command. */
export interface ServiceProcess {
  start(): Promise<void>;
  /** One firing of the schedule; resolves when the cycle is over. */
  fire(): Promise<void>;
  /** Asks the service to end, as SIGTERM does; the process stays. */
  stop(): Promise<void>;
  measure(): Promise<Measurement>;
  /** Writes what is on the heap to a file. */
  writeSnapshot(path: string): Promise<void>;
  /** Resolves with the exit code once the process has ended by itself, the service being stopped. */
  leave(): Promise<number | null>;
  /** SIGKILL, now or in the middle of a cycle. */
  kill(): Promise<void>;
}

export function forkService(environment: Readonly<Record<string, string>>, clock: Clock): ServiceProcess {
  const child = fork(script, [], {
    env: { PATH: process.env['PATH'], ...environment },
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let lastLog = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (lastLog = (lastLog + text).slice(-2000)));
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const waiting = new Map<number, (answer: z.output<typeof reply>) => void>();
  child.on('message', (given: unknown) => {
    const answer = reply.parse(given);
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let nextId = 1;
  const send = async (wanted: string, details: object = {}): Promise<unknown> => {
    const id = nextId;
    nextId += 1;
    const answered = new Promise<z.output<typeof reply>>((resolve) => waiting.set(id, resolve));
    child.send({ ...details, id, do: wanted, nowMs: clock.now() });
    const gone = ended.then(() => ({ id, error: `the process has ended: ${lastLog}`, answer: null }));
    const { error, answer } = await Promise.race([answered, gone]);
    if (error !== null) throw new Error(`${wanted}: ${error}`);
    return answer;
  };
  return {
    start: async () => void (await send('start')),
    fire: async () => void (await send('fire')),
    stop: async () => void (await send('stop')),
    measure: async () => measurement.parse(await send('measure')),
    writeSnapshot: async (path) => void (await send('snapshot', { path })),
    leave: async () => {
      child.send({ id: 0, do: 'leave', nowMs: clock.now() });
      await ended;
      return child.exitCode;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
