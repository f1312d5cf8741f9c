import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

/** Prints the peak of the process in kilobytes when it ends, also of one that has started itself anew. */
const reportPeak = `data:text/javascript,process.on('exit', () => console.error(process.resourceUsage().maxRSS))`;

/** Runs the built program to its end, with the Node that runs the benchmark. @returns its peak memory in bytes. */
export async function measureProgram(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', reportPeak, resolve('dist/main.js'), ...argv],
    { cwd: tmpdir(), env: { PATH: process.env['PATH'], ...environment } },
  );
  const [peak] = stderr.trim().split('\n').slice(-1);
  return Number(peak) * 1024;
}
