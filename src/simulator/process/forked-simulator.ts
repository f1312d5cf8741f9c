import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { RequestCounts } from '../http/request-log.ts';
import type { SimulatorCommand, SimulatorProcessOptions, SimulatorReply } from './simulator-process.ts';

/** A simulator in a process of its own. */
export interface ForkedSimulator {
  readonly url: string;
  readonly pid: number;
  /** Resolves with the counts as they were when the command arrived. @throws when it cannot be obeyed. */
  send(command: SimulatorCommand): Promise<RequestCounts>;
  /** Resolves when the process has ended. */
  stop(): Promise<void>;
}

const greeting = z.object({ url: z.string() });

/** Forks a script that calls `runSimulatorProcess(process)` and waits until it serves. */
export async function forkSimulator(
  scriptPath: string,
  options: SimulatorProcessOptions,
): Promise<ForkedSimulator> {
  const child = fork(scriptPath, [JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const url = await readUrl(child);
  const waiting = new Map<
    number,
    { resolve: (counts: RequestCounts) => void; reject: (error: Error) => void }
  >();
  let nextId = 1;
  child.on('message', (reply: SimulatorReply) => {
    const call = waiting.get(reply.id);
    if (reply.error === null) {
      call?.resolve(reply.counts);
    } else {
      call?.reject(new Error(`the simulator process refused a command: ${reply.error}`));
    }
    waiting.delete(reply.id);
  });
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) {
      reject(new Error(`the simulator process ended with ${code} before it answered`));
    }
  });
  const send = (command: SimulatorCommand) =>
    new Promise<RequestCounts>((resolve, reject) => {
      waiting.set(nextId, { resolve, reject });
      child.send({ id: nextId, command }, (error) => error !== null && reject(error));
      nextId += 1;
    });
  return {
    url,
    pid: child.pid ?? 0,
    send,
    async stop() {
      const ended = once(child, 'exit');
      await send({ do: 'stop' });
      await ended;
    },
  };
}

async function readUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) {
    throw new Error('the simulator process has no standard output');
  }
  for await (const line of createInterface({ input: child.stdout })) {
    return greeting.parse(JSON.parse(line)).url;
  }
  throw new Error('the simulator process ended before it served');
}
