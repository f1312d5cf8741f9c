/** Another command that uses the embedded server: a process of its own, with the built product. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

const built = new URL('../../dist/embedded/use-embedded-postgres.js', import.meta.url).href;

/** Uses the server until its input ends. */
const program = `
  const { useEmbeddedPostgres } = await import(${JSON.stringify(built)});
  const server = await useEmbeddedPostgres({ dataDirectory: process.argv[1], port: 0, durable: false });
  console.log(JSON.stringify(server));
  process.stdin.resume().on('end', () => server.release());
`;

const report = z.object({ url: z.string(), startedByUs: z.boolean() });

export interface OtherCommand {
  readonly url: string;
  readonly startedByUs: boolean;
  /** Lets it come to its end, which releases the server. */
  end(): Promise<void>;
  /** SIGKILL: it cleans up nothing. */
  kill(): Promise<void>;
}

export async function startOtherCommand(dataDirectory: string): Promise<OtherCommand> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, dataDirectory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = z.tuple([z.string()]).parse(await Promise.race([once(lines, 'line'), exited]));
  const answer: unknown = JSON.parse(line);
  return {
    ...report.parse(answer),
    end: async () => {
      child.stdin.end();
      await exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
